/** The gateways of a run: one with a tenant for each case, one whose first events were trimmed, and more on request. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { logInfo, publish } from "./gateway-calls.ts";
import { GatewayProcess } from "./gateway-process.ts";
import type { SharedGateways } from "./stage.ts";

const sources = [{ id: "ccai" }];
/** The gateway trims every 5 seconds. */
const pollMs = 100;
export const trimmedEvents = 20;
const keptEvents = 10;

/** The first events are trimmed by a retention that the gateway has only until they are gone. */
async function startExpired(root: string, folder: string): Promise<SharedGateways["expired"]> {
  const tenant = "default";
  const gateway = new GatewayProcess(root, folder, { journal: { retention: { max_age: "1ms" } } });
  await gateway.start();
  const logins = {
    repeat: trimmedEvents,
    padding: 0,
    body: { type: "AgentState", item: { ParticipantID: "{{n}}", State: "login" } },
  };
  const gone = await publish(gateway.url, tenant, [logins]);
  while ((await logInfo(gateway.url, tenant)).oldestCursor !== gone.at(-1)) await sleep(pollMs);
  await gateway.stop();
  gateway.configure({});
  await gateway.start();
  const calls = { repeat: keptEvents, padding: 0, body: { call_id: "kept-{{n}}", state: "ringing" } };
  const kept = await publish(gateway.url, tenant, [calls]);
  return { gateway, tenant, cursors: [...gone, ...kept] };
}

export async function startGateways(
  root: string,
  folder: string,
  tenants: readonly string[],
): Promise<SharedGateways & { dispose(): Promise<void> }> {
  const config = { tenants: tenants.map((id) => ({ id, sources })) };
  const shared = new GatewayProcess(root, join(folder, "shared"), config);
  const [expired] = await Promise.all([startExpired(root, join(folder, "expired")), shared.start()]);
  let owned = 0;
  return {
    shared,
    expired,
    async startOwn() {
      const own = new GatewayProcess(root, join(folder, `own-${++owned}`), {});
      await own.start();
      return own;
    },
    async dispose() {
      await Promise.all([shared.dispose(), expired.gateway.dispose()]);
    },
  };
}
