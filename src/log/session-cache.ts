/**
 * The sessions that the fold has at hand: those of recent events, in memory; any other is read from the view. What changed
 * is saved with the events that changed it, in their transaction; when that fails, everything here is forgotten.
 */
import { CallState } from "../../gen/ts/callwire/v1/state_pb.ts";
import type { KnownKey } from "../filters/block-keys.ts";
import { SessionEncoder } from "../sessions/encode-session.ts";
import { decodeSession, newSession, type SessionKind, type SessionState } from "../sessions/session-state.ts";
import type { View } from "./view.ts";

/** Sessions of one kind of one source kept in memory; about 4 KB each. */
const maxSessions = 10_000;

/** What the keys of a session may take, in characters: they are stored anew with each that comes. Far more than any call has. */
const maxKeysLength = 64 * 1024;

/** The filter keys that the events of a session ever had; once there are too many, those that came first. */
export class SessionKeys {
  readonly #keys: Set<string>;
  #length = 0;
  #text: string | undefined;
  /** Those of its last event: the next one mostly has the same. */
  #last: readonly KnownKey[] = [];

  constructor(stored: string | undefined) {
    this.#keys = new Set(stored === undefined ? [] : (JSON.parse(stored) as string[]));
    for (const key of this.#keys) this.#length += key.length;
    this.#text = stored;
  }

  /** Takes the keys of an event, the first so many of these. */
  take(keys: readonly KnownKey[], count: number): void {
    if (startsWith(keys, count, this.#last)) return;
    this.#last = keys.slice(0, count);
    const before = this.#keys.size;
    for (const { text } of this.#last) this.#add(text);
    if (this.#keys.size !== before) this.#text = undefined;
  }

  #add(key: string): void {
    if (this.#keys.has(key) || this.#length + key.length > maxKeysLength) return;
    this.#keys.add(key);
    this.#length += key.length;
  }

  get text(): string {
    this.#text ??= JSON.stringify([...this.#keys]);
    return this.#text;
  }
}

/** Whether the first so many keys are these. */
function startsWith(keys: readonly KnownKey[], count: number, these: readonly KnownKey[]): boolean {
  if (count !== these.length) return false;
  for (let at = 0; at < count; at++) if (keys[at] !== these[at]) return false;
  return true;
}

/** A session as it was saved last, beside its last event: what its indexes are made of, and its keys. */
interface Saved {
  endedOffset: bigint | undefined;
  isSealed: boolean;
  isHeld: boolean;
  silentMinute: number;
  keys: string;
}

export interface CachedSession {
  readonly tenant: string;
  readonly kind: SessionKind;
  readonly source: string;
  readonly id: string;
  readonly state: SessionState;
  readonly keys: SessionKeys;
  readonly encoder: SessionEncoder;
  /** When its last event was received. */
  lastMs: number;
  /** Undefined when it is not known. */
  saved: Saved | undefined;
}

const minuteMs = 60_000;

function isHeld({ session, lastState }: SessionState): boolean {
  if (lastState === CallState.HELD) return true;
  for (const leg of session.participants) if (leg.held) return true;
  return false;
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
    const keys = new SessionKeys(stored?.keys);
    const place = { tenant, kind, source, id, keys, encoder: new SessionEncoder(), saved: undefined };
    if (stored === undefined) return { ...place, state: newSession(kind, id, source), lastMs: 0 };
    const { session, memory, lastMs } = stored;
    return { ...place, state: { session: decodeSession(session), revision: 0, ...memory }, lastMs };
  }

  /** Saves what changed, within the current group. */
  save(): void {
    const lastEvents = new Map<string, number[]>();
    for (const cached of this.#changed) {
      const { tenant, kind, source, id, state, lastMs } = cached;
      const { firstOffset, lastOffset } = state.session;
      const ofTenant = lastEvents.get(tenant) ?? [];
      if (ofTenant.length === 0) lastEvents.set(tenant, ofTenant);
      ofTenant.push(Number(firstOffset), Number(lastOffset), lastMs);
      this.#saveFacts(cached);
      // The next event of this id begins another session.
      if (cached.saved!.isSealed) this.#shelf(tenant, kind, source).delete(id);
    }
    for (const [tenant, events] of lastEvents) this.#view.saveLastEvents(tenant, Float64Array.from(events));
    this.#changed = new Set();
    this.#shrink();
  }

  #saveFacts(cached: CachedSession): void {
    const { tenant, kind, source, id, state, keys, lastMs, saved } = cached;
    const { session, endedOffset } = state;
    const firstOffset = Number(session.firstOffset);
    const silentMinute = Math.floor(lastMs / minuteMs);
    const isSealed = session.seal !== undefined;
    const held = isHeld(state);
    const hasSameFacts =
      saved !== undefined &&
      saved.silentMinute === silentMinute &&
      saved.endedOffset === endedOffset &&
      saved.isSealed === isSealed &&
      saved.isHeld === held;
    if (hasSameFacts && saved.keys === keys.text) return;
    if (saved?.keys !== keys.text) this.#view.saveSessionKeys(tenant, firstOffset, keys.text);
    const ended = endedOffset === undefined ? undefined : Number(endedOffset);
    const place = { kind, source, id, firstOffset };
    if (!hasSameFacts) {
      this.#view.saveSession(tenant, { ...place, endedOffset: ended, isSealed, isHeld: held, silentMinute });
    }
    cached.saved = { endedOffset, isSealed, isHeld: held, silentMinute, keys: keys.text };
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
