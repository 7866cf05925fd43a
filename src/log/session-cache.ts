/**
 * The sessions that the fold has at hand: those of recent events, in memory; any other is read from the view. What changed
 * is saved with the events that changed it, in their transaction; when that fails, everything here is forgotten.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type Session, SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { CallState } from "../../gen/ts/callwire/v1/state_pb.ts";
import type { BlockKeys } from "../filters/block-keys.ts";
import { newSession, type SessionKind, type SessionState } from "../sessions/session-state.ts";
import type { LoadedSession, SavedFacts, StoredSession, View } from "./view.ts";

/** Sessions of one kind of one source kept in memory; about 4 KB each. */
const maxSessions = 10_000;

/** What is stored of a state beside its session. */
interface Memory {
  n: number;
  s: number;
  b: number;
  /** Event time in seconds (a decimal text) and nanoseconds. */
  t?: [string, number];
  x?: 1;
}

/** The filter keys that the events of a session ever had. */
export class SessionKeys {
  readonly #keys: Set<string>;
  #text: string | undefined;

  constructor(stored: string | undefined) {
    this.#keys = new Set(stored === undefined ? [] : (JSON.parse(stored) as string[]));
    this.#text = stored;
  }

  /** Takes the keys of one event of a block. */
  take({ table, starts, ids }: BlockKeys, ordinal: number): void {
    const before = this.#keys.size;
    for (let at = starts[ordinal]!; at < starts[ordinal + 1]!; at++) this.#keys.add(table[ids[at]!]!);
    if (this.#keys.size !== before) this.#text = undefined;
  }

  get text(): string {
    this.#text ??= JSON.stringify([...this.#keys]);
    return this.#text;
  }
}

export interface CachedSession {
  readonly tenant: string;
  readonly kind: SessionKind;
  readonly source: string;
  readonly id: string;
  readonly state: SessionState;
  readonly keys: SessionKeys;
  /** When its last event was received. */
  lastMs: number;
  /** What was saved last; undefined when that is not known. */
  saved: SavedFacts | undefined;
}

function memoryOf(state: SessionState): string {
  const { eventCount, lastState, listBytes, lastEventTime, expired } = state;
  const memory: Memory = { n: eventCount, s: lastState, b: listBytes };
  if (lastEventTime !== undefined) memory.t = [String(lastEventTime.seconds), lastEventTime.nanos];
  if (expired) memory.x = 1;
  return JSON.stringify(memory);
}

function stateOf(session: Session, stored: LoadedSession): SessionState {
  const { n, s, b, t, x } = JSON.parse(stored.memory) as Memory;
  const endedOffset = stored.endedOffset === undefined ? undefined : BigInt(stored.endedOffset);
  const lastEventTime =
    t === undefined
      ? undefined
      : { $typeName: "google.protobuf.Timestamp" as const, seconds: BigInt(t[0]), nanos: t[1] };
  return {
    session,
    eventCount: n,
    digest: stored.digest,
    lastState: s,
    listBytes: b,
    lastEventTime,
    endedOffset,
    expired: x === 1,
  };
}

/** The sessions of one kind of one source of a tenant, by their ids. */
type Shelf = Map<string, CachedSession>;

export class SessionCache {
  readonly #view: View;
  /** As many as there are sources and kinds: few. */
  #shelves: { tenant: string; kind: SessionKind; source: string; sessions: Shelf }[] = [];
  #changed = new Set<CachedSession>();

  constructor(view: View) {
    this.#view = view;
  }

  /** The session of an event, a new one when there is none. */
  get(tenant: string, kind: SessionKind, source: string, id: string): CachedSession {
    const shelf = this.#shelf(tenant, kind, source);
    let session = shelf.get(id);
    if (session === undefined) {
      session = this.#load(tenant, kind, source, id);
      shelf.set(id, session);
    }
    this.#changed.add(session);
    return session;
  }

  #shelf(tenant: string, kind: SessionKind, source: string): Shelf {
    const known = this.#shelves.find((one) => one.source === source && one.kind === kind && one.tenant === tenant);
    if (known !== undefined) return known.sessions;
    const sessions: Shelf = new Map();
    this.#shelves.push({ tenant, kind, source, sessions });
    return sessions;
  }

  #load(tenant: string, kind: SessionKind, source: string, id: string): CachedSession {
    const stored = this.#view.currentSession(tenant, kind, source, id);
    const place = { tenant, kind, source, id, keys: new SessionKeys(stored?.keys), saved: undefined };
    if (stored === undefined) return { ...place, state: newSession(kind, id, source), lastMs: 0 };
    const { session, lastMs } = stored;
    return { ...place, state: stateOf(fromBinary(SessionSchema, session), stored), lastMs };
  }

  /** Saves what changed, within the current group. */
  save(): void {
    for (const cached of this.#changed) {
      const { tenant, kind, source, id, state, keys, lastMs } = cached;
      const { session } = state;
      const stored: StoredSession = {
        kind,
        source,
        id,
        firstOffset: Number(session.firstOffset),
        lastOffset: Number(session.lastOffset),
        endedOffset: state.endedOffset === undefined ? undefined : Number(state.endedOffset),
        isSealed: session.seal !== undefined,
        isHeld: session.participants.some(({ held }) => held) || state.lastState === CallState.HELD,
        lastMs,
        keys: keys.text,
        memory: memoryOf(state),
        digest: state.digest,
      };
      cached.saved = this.#view.saveSession(tenant, stored, cached.saved);
      // The next event of this id begins another session.
      if (stored.isSealed) this.#shelf(tenant, kind, source).delete(id);
    }
    this.#changed = new Set();
    this.#shrink();
  }

  #shrink(): void {
    for (const { sessions } of this.#shelves) {
      let excess = sessions.size - maxSessions;
      for (const id of sessions.keys()) {
        if (excess-- <= 0) break;
        sessions.delete(id);
      }
    }
  }

  /** The transaction failed: what is on the disk counts. */
  forget(): void {
    this.#shelves = [];
    this.#changed = new Set();
  }
}
