/** The test kit for consumers: a gateway for tests, a proxy that breaks connections, and a check of what was delivered. */
export { type Fault, type FaultAction, type FaultMoment, parseFault } from "./fault.ts";
export { FaultProxy, type FaultProxyOptions, type ProxyCounts } from "./fault-proxy.ts";
export { type JournalRange, readJournal } from "./journal.ts";
export { type RandomCuts, randomCuts } from "./random-cuts.ts";
export { parseRecording, type Recorded, RecordingError } from "./recording.ts";
export { type PublishOptions, startTestGateway, type TestGateway, type TestGatewayOptions } from "./test-gateway.ts";
export {
  compareWithJournal,
  describeVerdict,
  isKept,
  type JournalEvents,
  type Tolerance,
  type Verdict,
} from "./verdict.ts";
