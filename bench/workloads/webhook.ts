/** Single events, each durable before its answer. */
import { callwire, etcd, jetStream, redis } from "../contenders.ts";
import { own, peer, type Workload } from "../workload.ts";
import { measureIngest } from "./ingest.ts";

const singles = { clients: 64, batch: 1 };

export const webhook: Workload = {
  name: "webhook",
  about: "single-event webhooks over 64 connections; the peers take single publishes from 64",
  durable: true,
  compared: { "events/s": "more" },
  measurements: (settings) => [
    own(callwire, () => measureIngest(callwire, settings, { ...singles, over: "webhook" })),
    ...[jetStream, redis, etcd].map((contender) => peer(contender, () => measureIngest(contender, settings, singles))),
  ],
};
