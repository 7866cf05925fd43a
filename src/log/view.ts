/**
 * The view: what the log's envelopes were folded into. Events with their filter keys, the keys by which duplicates are
 * known, and who the agents are. It can be rebuilt from the log; in the embedded form both change in one transaction.
 */
import type { SessionKind } from "../sessions/session-state.ts";
import type { StoredAgent } from "./agent-directory.ts";
import type { KeySegment } from "./key-segment.ts";
import type { MergedBlock } from "./merged-block.ts";
import type { SessionMemory } from "./session-memory.ts";
import type { StoredBlock } from "./stored-block.ts";

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

/** What sessions are found by; it changes with few of their events. */
export interface StoredSession {
  kind: SessionKind;
  source: string;
  /** Call or chat id. */
  id: string;
  firstOffset: number;
  /** The offset of the event that closed it; undefined while it is open. */
  endedOffset: number | undefined;
  isSealed: boolean;
  /** Some party is on hold. */
  isHeld: boolean;
  /** Minute of its last event. */
  silentMinute: number;
}

/** The last event of a session. */
export interface LastEvent {
  firstOffset: number;
  lastOffset: number;
  /** When it was received. */
  lastMs: number;
}

export const lastEventFields = 3;

/** A session read back, as it was after its last event. */
export interface LoadedSession extends LastEvent {
  /** The encoding of its Session message. */
  session: Uint8Array;
  memory: SessionMemory;
  /** Every filter key that one of its events ever had, as JSON. */
  keys: string;
}

/** Sessions silent since before these times are due. */
export interface SilentSince {
  openMs: number;
  heldMs: number;
  closedMs: number;
}

/** A session that is to be expired or sealed. */
export interface DueSession {
  action: "expire" | "seal";
  kind: SessionKind;
  source: string;
  id: string;
  firstOffset: number;
  lastOffset: number;
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
  /** Drops everything that was folded, for a rebuild within the current group. Duplicate keys stay. */
  clear(tenant: string): void;
  /** Stores a block of Events within the current group. */
  apply(block: StoredBlock): void;
  /** The session that an event of this id belongs to: the newest one, unless it is sealed. */
  currentSession(tenant: string, kind: SessionKind, source: string, id: string): LoadedSession | undefined;
  saveSession(tenant: string, session: StoredSession): void;
  /** @param keys every filter key that one of the session's events ever had, as JSON */
  saveSessionKeys(tenant: string, firstOffset: number, keys: string): void;
  /** @param events of each session `lastEventFields` numbers: firstOffset, lastOffset and lastMs of its LastEvent */
  saveLastEvents(tenant: string, events: Float64Array): void;
  /**
   * Open sessions to be expired, then closed ones to be sealed, each silent longest first. Among a great many, some are
   * found up to a minute late.
   */
  dueSessions(tenant: string, since: SilentSince, limit: number): DueSession[];
  /** The first offset of the oldest session that is not sealed. */
  oldestUnsealed(tenant: string): number | undefined;
  /** What is known under a key and was received at or after `sinceMs`; several when a source reuses its ids. */
  findDuplicates(key: DuplicateKey, sinceMs: number): KnownContent[];
  remember(key: DuplicateKey, content: KnownContent, receivedMs: number): void;
  /** Forgets keys older than a time, at most `limit` of them; gives how many, or the limit where that is not known. */
  forget(beforeMs: number, limit: number): number;
  agents(tenant: string): StoredAgent[];
  saveAgent(tenant: string, agent: StoredAgent): void;
  /** Puts a larger block in the place of small ones within the current group, unless these are not all there any more. */
  replaceBlocks(merged: MergedBlock): void;
  /**
   * Stores a segment of the key index within the current group, unless it does not go on from the one before: then it was
   * made from what is gone, and is left out.
   */
  addKeySegment(segment: KeySegment): void;
  /** Drops Events up to an offset at most, whole blocks; the offset up to which it did. */
  trim(tenant: string, upToOffset: number): number;
  /** The newest offset whose event was received before a time; 0 when there is none. */
  offsetBefore(tenant: string, timeMs: number): number;
}
