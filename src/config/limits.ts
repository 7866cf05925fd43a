/** Every limit of the gateway with its default. Whoever meets one gets an error that names it. Names carry units. */
export interface Limits {
  /** Most items a PublishEvents. */
  maxPublishItems: number;
  /** Largest PublishEvents request. */
  maxPublishBytes: number;
  /** Largest webhook body after decompression. */
  maxBodyBytes: number;
  /** Most events a webhook body. */
  maxBodyItems: number;
  /** Deepest nesting of a JSON document. */
  maxJsonDepth: number;
  /** Largest single source object; never more than 1 MiB, so that everything accepted can be delivered. */
  maxEventBytes: number;
  maxFilters: number;
  /** Most filter values a request, over all its filters. */
  maxFilterValues: number;
  maxStreamsPerConnection: number;
  /** Most connections; more are refused. Each needs a file descriptor. */
  maxConnections: number;
  maxPageSize: number;
  /** Largest response: below 4 MiB, the default limit of gRPC clients. Not configurable. */
  maxResponseBytes: number;
  /** Bytes that may wait for the sequencer before senders are held (`webhookHoldMs`) and then refused. */
  maxPendingBytes: number;
  /** Bytes that may wait for one slow subscriber before it is fed from the journal. */
  maxSubscriberQueueBytes: number;
  /** Bytes, each buffer counted once, that may wait for all slow subscribers together. */
  maxFanoutQueueBytes: number;
  /** Bytes of the journal, each slice counted once, that all subscribers who are fed from it may hold. */
  maxReplayBytes: number;
  maxQuarantineEntries: number;
  maxQuarantineBytes: number;
  /** How long event ids and idempotency keys are remembered. */
  duplicateWindowMs: number;
  /** How long an overloaded gateway holds a webhook before it answers 503. */
  webhookHoldMs: number;
  /** How long a request may take to arrive whole. */
  requestTimeoutMs: number;
  /** How long SIGTERM may take. */
  shutdownTimeoutMs: number;
}

export const defaultLimits: Readonly<Limits> = Object.freeze({
  maxPublishItems: 1_000,
  maxPublishBytes: 4 * 1024 * 1024,
  maxBodyBytes: 10 * 1024 * 1024,
  maxBodyItems: 20_000,
  maxJsonDepth: 64,
  maxEventBytes: 1024 * 1024,
  maxFilters: 1_000,
  maxFilterValues: 10_000,
  maxStreamsPerConnection: 1_000,
  maxConnections: 20_000,
  maxPageSize: 1_000,
  maxResponseBytes: 3 * 1024 * 1024,
  maxPendingBytes: 64 * 1024 * 1024,
  maxSubscriberQueueBytes: 512 * 1024,
  maxFanoutQueueBytes: 64 * 1024 * 1024,
  maxReplayBytes: 128 * 1024 * 1024,
  maxQuarantineEntries: 10_000,
  maxQuarantineBytes: 256 * 1024 * 1024,
  duplicateWindowMs: 72 * 3600 * 1000,
  webhookHoldMs: 3_000,
  requestTimeoutMs: 30_000,
  shutdownTimeoutMs: 10_000,
});
