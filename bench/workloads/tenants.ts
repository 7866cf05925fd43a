/**
 * What one tenant feels of another's flood: times from publishing to the durable answer, and to delivery. The flood is sent to
 * the same gateway and, as a control, to another one on the same machine: what that changes is the machine's, which all share.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contender, type Running, withServer } from "../contender.ts";
import { startGateway } from "../contenders.ts";
import { publish, withSubscribers } from "../load.ts";
import { type Delivery, DeliveryRun } from "../measured.ts";
import { type Figures, own, type Settings, type Workload } from "../workload.ts";

const quiet = "quiet-0123456789abcdef01234567";
const loud = "loud-0123456789abcdef0123456789";
const rate = 500;
const quota = 5_000;

function gateway(name: string, quotas: string): Contender {
  return {
    name,
    start(folder) {
      const file = join(folder, "callwire.yaml");
      const permissions = "permissions: [subscribe, publish]";
      writeFileSync(
        file,
        `
tenants:
  - {id: quiet, sources: [{id: ccai}]}
  - {id: loud, sources: [{id: ccai}]${quotas}}
credentials:
  - {id: quiet, api_key: {env: QUIET}, tenants: [quiet], ${permissions}}
  - {id: loud, api_key: {env: LOUD}, tenants: [loud], ${permissions}}
`,
      );
      return startGateway(folder, { QUIET: quiet, LOUD: loud, CALLWIRE_CONFIG: file });
    },
  };
}

const contenders = [
  gateway(
    `callwire, a flood against a quota of ${quota.toLocaleString("en")} events/s`,
    `, quotas: {publish_events_per_second: ${quota}}`,
  ),
  gateway("callwire, a flood without a quota", ""),
];

/** All that the other tenant can send, refused or not. */
function flood(server: Running, seconds: number): Promise<unknown> {
  return publish({ ...server, apiKeys: [loud] }, { clients: 8, batch: 100, insists: true, seconds });
}

async function measure(contender: Contender, { seconds }: Settings): Promise<Figures> {
  return withServer(contender, (server) =>
    withServer(contender, async (other) => {
      const mine = { ...server, apiKeys: [quiet] };
      return withSubscribers(mine, { count: 10, latency: true }, async (subscribers) => {
        const run = new DeliveryRun(mine, subscribers, { clients: 4, batch: 1, rate }, 10);
        const deliver = async (flooded?: Running): Promise<Delivery> => {
          const flooding = flooded && flood(flooded, seconds + 1);
          subscribers.restartLatency();
          const delivery = await run.deliver({ seconds });
          await flooding;
          return delivery;
        };
        // Both have compiled what a flood takes before anything is measured.
        await flood(other, Math.max(1, seconds));
        await deliver(server);
        const alone = await deliver();
        const elsewhere = await deliver(other);
        const here = await deliver(server);
        return {
          ...figuresOf(alone, elsewhere, "another gateway"),
          ...figuresOf(alone, here, "the gateway"),
          // What is left when the machine is as full: what tenants share of the gateway itself.
          "answer p99, times that beside a flood of another gateway":
            here.published.ackP99Ms / elsewhere.published.ackP99Ms,
          "delivery p99, times that beside a flood of another gateway": here.received.p99Ms / elsewhere.received.p99Ms,
        };
      });
    }),
  );
}

function figuresOf(alone: Delivery, flooded: Delivery, of: string): Figures {
  return {
    "answer p99 ms, alone": alone.published.ackP99Ms,
    [`answer p99 ms, a flood of ${of}`]: flooded.published.ackP99Ms,
    [`answer p99, times, a flood of ${of}`]: flooded.published.ackP99Ms / alone.published.ackP99Ms,
    "delivery p99 ms, alone": alone.received.p99Ms,
    [`delivery p99 ms, a flood of ${of}`]: flooded.received.p99Ms,
    [`delivery p99, times, a flood of ${of}`]: flooded.received.p99Ms / alone.received.p99Ms,
    [`delivery p50, times, a flood of ${of}`]: flooded.received.p50Ms / alone.received.p50Ms,
  };
}

export const tenants: Workload = {
  name: "tenants",
  about: `${rate} events/s of one tenant to 10 subscribers, alone, beside another tenant that publishes all it can, and beside the same at another gateway`,
  durable: true,
  compared: {},
  measurements: (settings) => contenders.map((contender) => own(contender, () => measure(contender, settings))),
};
