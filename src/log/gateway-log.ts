/**
 * What the rest of the gateway sees of the durable log: submit input, read events, watch commits, keep the quarantine.
 *
 * Everything here is called on the main thread; the work is done in the sequencer thread (normalise, fold, encode,
 * commit) and in reader threads, and comes back as buffers. Offsets are JavaScript numbers: 2^53 events are enough.
 */
import type { PublishItem } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import type { Reason } from "../errors/catalogue.ts";
import type { EncodedBlock } from "./block.ts";
import type { EventReader } from "./event-reader.ts";

/** The outcome of one item of a request, given only once the request's commit is on the disk (invariant 1). */
export type ItemOutcome =
  | { status: "accepted"; cursor: string }
  | { status: "duplicate"; cursor: string }
  | { status: "rejected"; reason: Reason; message: string };

/** Where a tenant's log stands, as committed. */
export interface LogState {
  tenant: string;
  /** 8 hex digits. */
  epoch: string;
  /** The smallest offset that can be resumed from: the oldest event kept is the next one. */
  oldestOffset: number;
  /** The newest offset; 0 for an empty log. */
  headOffset: number;
  /** Number of events kept. */
  eventCount: number;
  /** Highest `received_time` given so far, in milliseconds. */
  clockMs: number;
  /** Entries in the tenant's quarantine. */
  quarantinedCount: number;
  /** Older epochs: `epoch` was current up to and including offset `upTo`, and a cursor of it within that is valid. */
  lineage: readonly { epoch: string; upTo: number }[];
}

export interface QuarantineEntry {
  id: number;
  tenant: string;
  source: string;
  reason: Reason;
  message: string;
  firstReceivedMs: number;
  lastReceivedMs: number;
  count: number;
  sizeBytes: number;
}

export interface RetryOutcome {
  id: number;
  accepted: boolean;
  cursors: string[];
  /** Set when not accepted. */
  reason?: Reason;
  message?: string;
}

export interface Quarantine {
  /** Entries with an id above `afterId`, oldest first. */
  list(query: {
    tenant: string;
    source?: string;
    reason?: string;
    afterId: number;
    limit: number;
  }): Promise<{ entries: QuarantineEntry[]; total: number }>;
  get(tenant: string, id: number): Promise<{ entry: QuarantineEntry; content: Uint8Array } | undefined>;
  retry(tenant: string, ids: number[] | "all"): Promise<RetryOutcome[]>;
  /** Deletes entries; gives their number. */
  discard(tenant: string, ids: number[] | "all"): Promise<number>;
}

/** Whether the log takes input now. `reason` is STORAGE_FULL or STORAGE_FAILED; it goes away when the cause does. */
export type LogHealth = { ok: true } | { ok: false; reason: Reason; message: string };

/** Items of a publisher: as messages, or as the PublishEventsRequest that they came in, which saves encoding them again. */
export type PublishItems = PublishItem[] | Uint8Array;

export interface GatewayLog {
  /** Tenant ids, in the order of the configuration. */
  readonly tenants: readonly string[];
  state(tenant: string): LogState;
  /**
   * A webhook body. Gives one outcome an item, or a single rejection for a body that cannot be read at all; what was
   * rejected is in the quarantine by then. Rejects with OVERLOADED at once when too much waits, with STORAGE_* when the
   * commit failed: then nothing was stored.
   *
   * @param name of the delivery, when it has one: repeated under the same name, its events are duplicates
   */
  submitBody(tenant: string, source: string, body: Uint8Array, name?: string): Promise<ItemOutcome[]>;
  /** The items of a PublishEvents, whose shape has been validated. Otherwise as `submitBody`. */
  submitItems(tenant: string, source: string, items: PublishItems): Promise<ItemOutcome[]>;
  /** Resolves when less than the bound waits, or with false after `timeoutMs`. */
  whenUnderPressureEnds(timeoutMs: number): Promise<boolean>;
  /** Resolves once everything that was submitted before is committed and published, or has failed. */
  sync(): Promise<void>;
  readonly quarantine: Quarantine;
  health(): LogHealth;
  readonly reader: EventReader;
  /** Called for every committed block, in offset order, before the senders are answered. */
  onCommit(listener: (block: EncodedBlock) => void): void;
  /** Called when a tenant's state changed, by a commit or by retention. */
  onState(listener: (state: LogState) => void): void;
  onHealth(listener: (health: LogHealth) => void): void;
  /** The offset up to which a tenant's history is in the key index, as far as this start knows; 0 when none is. */
  indexedUpTo(tenant: string): number;
  /** Counters for the metrics: notes of the normaliser, duplicates, quarantine displacements, by name. */
  counters(): Readonly<Record<string, number>>;
  /** Commits what was submitted, answers it, and closes the files. */
  close(): Promise<void>;
}
