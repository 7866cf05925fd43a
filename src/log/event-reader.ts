/**
 * Reading the journal: done in reader threads, in slices of a few milliseconds, so that a long scan disturbs neither the
 * event loop that serves streams nor another reader, and no read transaction outlives a slice.
 */
import type { KeyOrigin } from "../filters/block-keys.ts";
import type { CompiledFilters } from "../filters/compile.ts";
import { type MaskProfile, maskKey } from "../masking/mask-profile.ts";
import type { SessionKind } from "../sessions/session-state.ts";
import type { StoredAgent } from "./agent-directory.ts";

/** How events are to be read: registered once, so that large filters are not sent with every slice. */
export interface ReadPlan {
  tenant: string;
  filters: CompiledFilters;
  /** CALL: what follows a session's first match is delivered too. */
  scope: "event" | "call";
  /** FULL frames have the tail appended. */
  view: "basic" | "full";
  mask: MaskProfile | undefined;
}

/** Equal for plans that read the same in the same form. */
export function planKey({ tenant, filters, scope, view, mask }: ReadPlan): string {
  return JSON.stringify([tenant, filters.canonical, filters.tellsNames, scope, view, mask && maskKey(mask)]);
}

/** What limits the events and sessions that a caller is shown. */
export interface Visibility {
  /** Filters of which one must match an event; undefined: all may be seen. */
  gate: CompiledFilters["gate"];
  mask: MaskProfile | undefined;
}

/** Matching events, in the order of the slice. A run is as stored: how many go into a response is the writer's business. */
export interface EventRun {
  /** Frames, one after the other. */
  frames: Uint8Array;
  /** End of each event's frame within `frames`. */
  ends: Uint32Array;
  offsets: Float64Array;
  /** Names of the filters that matched, one entry an event; only when the plan has more than one filter. */
  matches: string[][] | undefined;
}

export interface ReadSlice {
  runs: EventRun[];
  /** Where to go on: going up the next `afterOffset`, going down the next `upToOffset`. */
  scannedTo: number;
  /** The range is exhausted: the bound, the end time or the given head was met. */
  done: boolean;
  /** Blocks whose events were read for it. */
  blocksRead: number;
  /** Set when events within the range are gone: the smallest offset that can be read after. */
  expiredBefore?: number;
}

export interface ReadRange {
  /** Only events with a greater offset. */
  afterOffset: number;
  /** Only events up to this offset. */
  upToOffset: number;
  /** Only events received before this. */
  endMs?: number;
  direction: "up" | "down";
  /** Most events. Undefined: no bound, and events that are delivered as they are stored may be given by whole blocks. */
  maxEvents?: number;
  /** The slice ends with the event that reaches this many bytes, or with its block where whole blocks are given. */
  maxBytes: number;
  /** The slice ends with the block that reaches this offset, so that readers of one plan come to read the same slices. */
  meetAt?: number;
}

export interface StoredEvent {
  /** A BASIC frame. */
  frame: Uint8Array;
  keys: StoredKey[];
}

/** A filter key of an event and where it comes from. */
export interface StoredKey {
  key: string;
  origin: KeyOrigin;
}

/** A session that a filter matched, with the names of the filters. */
export interface FollowedSession {
  /** Offset of the session's first event. */
  sessionOffset: number;
  filters: string[];
}

export type SessionStatus = "open" | "closed" | "all";

export interface SessionQuery {
  status: SessionStatus;
  /** As the sessions were after the event at this offset; lists show them as they are. */
  asOf: number;
  /** Where to go on: `next` of the page before, at first the greatest number. */
  before: number;
  limit: number;
  /** A page ends before the session that passes this many bytes, unless it is its first. */
  maxBytes: number;
}

/** Asks for the newest sessions of an id. */
export interface SessionById {
  tenant: string;
  kind: SessionKind;
  id: string;
  /** As they were after the event at this offset. */
  asOf: number;
}

/** Encoded sessions; may be empty and not the last. */
export interface SessionPage {
  sessions: Uint8Array[];
  /** Offset of each one's first event. */
  firstOffsets: number[];
  next: number | undefined;
}

export interface FoundSession {
  source: string;
  session: Uint8Array;
}

export type AgentQuery = { agentId: string } | { email: string } | { after: string; limit: number };

/** An agent with the encodings of open sessions whose events named the agent. */
export interface FoundAgent extends StoredAgent {
  sessions: Uint8Array[];
}

/** A page of agents: those that may be seen, and the last id that was looked at, when there are more. */
export interface AgentPage {
  agents: FoundAgent[];
  next: string | undefined;
}

export interface EventReader {
  /** Blocks whose events were read of the disk so far, for the metrics. */
  readonly blocksRead: number;
  /** Gives the plan's number: that of an equal plan when there is one, unless what it finds out on the way is its own. */
  register(plan: ReadPlan): number;
  release(plan: number): void;
  read(plan: number, range: ReadRange): Promise<ReadSlice>;
  /** Says that the bytes of a slice are not needed any more: they are freed, unless others need them still. */
  done(slice: ReadSlice): void;
  /** The newest offset whose event was received before a time; the head when all were. */
  offsetBefore(tenant: string, timeMs: number): Promise<number>;
  /** The event at an offset; undefined when there is none that may be seen. */
  event(tenant: string, offset: number, visibility: Visibility): Promise<StoredEvent | undefined>;
  /** The sessions that may get more events and of which an event up to an offset matched. For plans of scope CALL. */
  followed(plan: number, upToOffset: number): Promise<FollowedSession[]>;
  /** The newest session of an id, one a source, as it was after the event at an offset. */
  findSessions(query: SessionById, visibility: Visibility): Promise<FoundSession[]>;
  /** Sessions by their first event, newest first, of which any event had what a filter of the plan asks for. */
  listSessions(plan: number, query: SessionQuery): Promise<SessionPage>;
  /**
   * The sessions that were open after an event, as they were then, and that a filter of the plan matched by then: by their
   * last event, or for scope CALL by any. Pages may repeat a session.
   */
  snapshot(plan: number, query: SessionQuery): Promise<SessionPage>;
  agents(tenant: string, query: AgentQuery, visibility: Visibility): Promise<AgentPage>;
  /** Of these lower-case addresses, those that no login has told yet. */
  unresolvedEmails(tenant: string, emails: string[]): Promise<string[]>;
}
