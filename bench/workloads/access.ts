/** What it costs to know who is asking: fan-out to credentials with masks, against as many distinct views of anonymous callers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contender, withServer } from "../contender.ts";
import { callwire, startGateway } from "../contenders.ts";
import { withSubscribers } from "../load.ts";
import { DeliveryRun } from "../measured.ts";
import { type Figures, own, peer, type Settings, type Workload } from "../workload.ts";

const count = 100;
const views = 4;
const figure = "deliveries/s of server CPU";

/** Each of the first is a credential with a mask of its own; the last publishes. */
const subscribers = Array.from({ length: views }, (_, index) => `subscriber-${index}-0123456789abcdef`);
const publisher = "publisher-0123456789abcdef0123";

const config = `
credentials:
${subscribers.map((_, index) => `  - {id: s${index}, api_key: {env: KEY_${index}}, mask: m${index}}`).join("\n")}
  - {id: publisher, api_key: {env: KEY_P}, permissions: [publish]}
masks:
  m0: {personal: hash, sensitive: drop, hash_key: {env: HASH}}
  m1: {personal: drop, sensitive: drop}
  m2: {personal: last_four, sensitive: drop}
  m3: {personal: hash, sensitive: show, fields: {CallEvent.language: drop}, hash_key: {env: HASH}}
`;

const withCredentials: Contender = {
  name: "callwire, credentials and masks",
  start(folder) {
    const file = join(folder, "callwire.yaml");
    writeFileSync(file, config);
    const keys = subscribers.map((key, index) => [`KEY_${index}`, key]);
    const own = { KEY_P: publisher, HASH: "0123456789abcdef".repeat(2), CALLWIRE_CONFIG: file };
    return startGateway(folder, { ...Object.fromEntries(keys), ...own });
  },
};

async function measure(contender: Contender, { seconds }: Settings, isNamed: boolean): Promise<Figures> {
  return withServer(contender, async (server) => {
    const reading = isNamed ? { ...server, apiKeys: subscribers } : server;
    const writing = isNamed ? { ...server, apiKeys: [publisher] } : server;
    return withSubscribers(reading, { count, views }, async (open) => {
      const run = new DeliveryRun(writing, open, { clients: 4 }, count);
      const { value, cpuSeconds, seconds: took } = await run.measure(seconds);
      const deliveries = value.published.events * count;
      return { [figure]: deliveries / cpuSeconds, "deliveries/s": deliveries / took };
    });
  });
}

export const access: Workload = {
  name: "access",
  about: `live delivery to ${count} subscribers in ${views} distinct views: four credentials with a mask each, and anonymous callers`,
  durable: false,
  compared: { [figure]: "more" },
  measurements: (settings) => [
    own(withCredentials, () => measure(withCredentials, settings, true)),
    peer({ ...callwire, name: "callwire, anonymous" }, () => measure(callwire, settings, false)),
  ],
};
