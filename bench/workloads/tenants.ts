/** What one tenant feels of another's flood: times from publishing to the durable answer, and to delivery. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contender, withServer } from "../contender.ts";
import { startGateway } from "../contenders.ts";
import { publish, withSubscribers } from "../load.ts";
import { DeliveryRun } from "../measured.ts";
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

async function measure(contender: Contender, { seconds }: Settings): Promise<Figures> {
  return withServer(contender, async (server) => {
    const mine = { ...server, apiKeys: [quiet] };
    return withSubscribers(mine, { count: 10, latency: true }, async (subscribers) => {
      const run = new DeliveryRun(mine, subscribers, { clients: 4, batch: 1, rate }, 10);
      await run.deliver({ seconds: Math.max(1, seconds) });
      subscribers.restartLatency();
      const alone = await run.deliver({ seconds });
      const plan = { clients: 8, batch: 100, insists: true, seconds: seconds + 1 };
      const flood = publish({ ...server, apiKeys: [loud] }, plan);
      subscribers.restartLatency();
      const beside = await run.deliver({ seconds });
      await flood;
      return {
        "answer p99 ms, alone": alone.published.ackP99Ms,
        "answer p99 ms, beside the flood": beside.published.ackP99Ms,
        "answer p99, times": beside.published.ackP99Ms / alone.published.ackP99Ms,
        "delivery p99 ms, alone": alone.received.p99Ms,
        "delivery p99 ms, beside the flood": beside.received.p99Ms,
        "delivery p99, times": beside.received.p99Ms / alone.received.p99Ms,
        "delivery p50, times": beside.received.p50Ms / alone.received.p50Ms,
      };
    });
  });
}

export const tenants: Workload = {
  name: "tenants",
  about: `${rate} events/s of one tenant to 10 subscribers, alone and beside another tenant that publishes all it can`,
  durable: true,
  compared: {},
  measurements: (settings) => contenders.map((contender) => own(contender, () => measure(contender, settings))),
};
