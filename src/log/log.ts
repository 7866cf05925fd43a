/**
 * The log: a tenant's accepted envelopes in their one total order (invariant 2). It gives each its offset and nothing
 * else; what the events mean is the view's business. Offsets start at 1 and increase strictly; holes are allowed.
 */
import type { EncodedEnvelopes, Envelope } from "./envelope.ts";

export interface LogHead {
  /** This incarnation of the tenant's log, 8 hex digits. */
  epoch: string;
  /** The newest offset; 0 for an empty log. */
  offset: number;
  /** Up to here records were trimmed; the smallest offset that can be resumed from. */
  trimmedTo: number;
}

export interface LogRecord {
  offset: number;
  envelope: Envelope;
}

export interface Log {
  head(tenant: string): LogHead;
  /** Appends in order within the current group and gives the first offset; the others follow without holes. */
  append(tenant: string, envelopes: EncodedEnvelopes): number;
  /** The records after an offset, at least one when there is any, at most about `limit`. */
  read(tenant: string, afterOffset: number, limit: number): LogRecord[];
  /** Drops records up to an offset at most: storage may keep a little more, and the head says how much it dropped. */
  trim(tenant: string, upToOffset: number): void;
  /** Begins a new epoch: cursors of the old one stay valid up to the present head. */
  beginEpoch(tenant: string, epoch: string): void;
  lineage(tenant: string): { epoch: string; upTo: number }[];
}
