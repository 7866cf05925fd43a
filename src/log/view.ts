/**
 * The view: what the log's envelopes were folded into. Events with their filter keys, the keys by which duplicates are
 * known, and who the agents are. It can be rebuilt from the log; in the embedded form both change in one transaction.
 */
import type { EncodedBlock } from "./block.ts";

/** What kind of name a duplicate is known by. */
export type DuplicateSpace = "event_id" | "idempotency_key" | "quarantine";

export interface DuplicateKey {
  tenant: string;
  source: string;
  space: DuplicateSpace;
  key: string;
}

export interface KnownContent {
  /** SHA-256 of the content, as hex. */
  digest: string;
  offset: number;
}

export interface ViewState {
  /** The newest offset that the view has folded. */
  appliedOffset: number;
  eventCount: number;
  /** Highest `received_time` given, in milliseconds. */
  clockMs: number;
}

export interface View {
  state(tenant: string): ViewState;
  /** Stores a block of Events within the current group. */
  apply(block: EncodedBlock): void;
  /** What is known under a key and was received at or after `sinceMs`; several when a source reuses its ids. */
  findDuplicates(key: DuplicateKey, sinceMs: number): KnownContent[];
  remember(key: DuplicateKey, content: KnownContent, receivedMs: number): void;
  /** Forgets keys older than a time, at most `limit` of them. */
  forget(beforeMs: number, limit: number): void;
  /** Agent ids (without prefix) with the lower-case e-mail address that a login told last. */
  agentEmails(tenant: string): Map<string, string>;
  rememberAgent(tenant: string, agentId: string, email: string): void;
  /** Drops Events up to an offset at most, whole blocks; the offset up to which it did. */
  trim(tenant: string, upToOffset: number): number;
  /** The newest offset whose event was received before a time; 0 when there is none. */
  offsetBefore(tenant: string, timeMs: number): number;
}
