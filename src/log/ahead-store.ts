/**
 * The store as the sequencer works on it while groups before are still on their way to the disk: what the sequencer reads is what
 * is on the disk and what is on its way, what it changes is noted and handed to the committer. What cannot be told of what
 * is on its way waits until it is there.
 *
 * A group that is lost takes with it all that were worked out after it.
 */
import type { SessionKind } from "../sessions/session-state.ts";
import type { StoredAgent } from "./agent-directory.ts";
import { type Change, changedBuffers } from "./changes.ts";
import type { Committer, CommitterAnswer } from "./committer.ts";
import type { EncodedEnvelopes } from "./envelope.ts";
import { type Failure, lostError } from "./failure.ts";
import type { KeySegment } from "./key-segment.ts";
import type { Log, LogHead, LogRecord } from "./log.ts";
import type { MergedBlock } from "./merged-block.ts";
import type { SqliteQuarantine } from "./sqlite/sqlite-quarantine.ts";
import type { Store } from "./store.ts";
import type { StoredBlock } from "./stored-block.ts";
import { type Improvement, improvementBuffers, storeImprovement } from "./upkeep.ts";
import type {
  DueSession,
  DuplicateKey,
  KnownContent,
  LoadedSession,
  SilentSince,
  StoredSession,
  View,
  ViewState,
} from "./view.ts";
import { lastEventFields } from "./view.ts";

/** Where a tenant's log and view stand. */
interface Position {
  log: LogHead;
  view: ViewState;
}

/** A group that is not on the disk yet, and what of it others may ask for. */
class AheadGroup {
  readonly number: number;
  readonly changes: Change[] = [];
  readonly positions = new Map<string, Position>();
  readonly duplicates = new Map<string, KnownContent[]>();
  /** Sessions that it changes: those whose facts it saves, and of each tenant the first offsets of those with new events. */
  readonly sessions = new Set<string>();
  readonly firstOffsets = new Map<string, Set<number>>();

  constructor(number: number) {
    this.number = number;
  }
}

export interface AheadEvents {
  /** Groups became durable. */
  committed(): void;
  /** The group of this number and all after it are lost. */
  lost(from: number, failure: Failure): void;
  warning(message: string): void;
}

function sessionName(tenant: string, kind: SessionKind, source: string, id: string): string {
  return JSON.stringify([tenant, kind, source, id]);
}

function nameOf({ tenant, source, space, key }: DuplicateKey): string {
  return JSON.stringify([tenant, source, space, key]);
}

export class AheadStore implements Store {
  /** Whether the next group goes to the committer: then it is not durable when `group` returns. */
  worksAhead = false;
  readonly log: Log;
  readonly view: View;
  readonly quarantine: SqliteQuarantine;
  readonly #stored: Store;
  readonly #committer: Committer;
  readonly #events: AheadEvents;
  /** The committer takes groups. */
  #isReady = false;
  #lastNumber = 0;
  readonly #underWay: AheadGroup[] = [];
  /** Where tenants stand after all groups so far, as far as that is known without asking the disk. */
  readonly #positions = new Map<string, Position>();
  /** The group that is being worked out. */
  #open: AheadGroup | undefined;

  constructor(stored: Store, committer: Committer, events: AheadEvents) {
    this.#stored = stored;
    this.#committer = committer;
    this.#events = events;
    this.quarantine = stored.quarantine;
    this.log = new AheadLog(this, stored.log);
    this.view = new AheadView(this, stored.view);
  }

  /** The number of the last group while it may not be durable yet. */
  get pending(): number | undefined {
    return this.#underWay.at(-1)?.number;
  }

  /** Groups that are not known to be durable. */
  get underWay(): number {
    return this.#underWay.length;
  }

  /** A group is being worked out while others may be under way. */
  get isAhead(): boolean {
    return this.#open !== undefined;
  }

  group<R>(changes: () => R): R {
    if (!this.worksAhead || !this.#isReady) return this.#groupAtOnce(changes);
    const group = new AheadGroup(this.#lastNumber + 1);
    this.#open = group;
    try {
      const result = changes();
      this.#give(group);
      return result;
    } finally {
      this.#open = undefined;
    }
  }

  #groupAtOnce<R>(changes: () => R): R {
    this.drain();
    try {
      return this.#stored.group(changes);
    } catch (error) {
      this.#positions.clear();
      throw error;
    }
  }

  #give(group: AheadGroup): void {
    this.#lastNumber = group.number;
    this.#underWay.push(group);
    for (const [tenant, position] of group.positions) this.#positions.set(tenant, position);
    const { number, changes } = group;
    this.#committer.give({ op: "commit", number, changes }, changedBuffers(changes));
  }

  /** Has an improvement stored, after what is under way. */
  improve(improvement: Improvement): void {
    if (!this.#isReady) {
      this.#stored.group(() => storeImprovement(this.#stored.view, improvement));
      return;
    }
    const group = new AheadGroup(++this.#lastNumber);
    this.#underWay.push(group);
    this.#committer.give({ op: "improve", number: group.number, improvement }, improvementBuffers(improvement));
  }

  quarantineGroup<R>(changes: () => R): R {
    return this.#stored.quarantineGroup(changes);
  }

  /** Takes what has come of the groups under way. */
  takeAnswers(): void {
    for (let answer = this.#committer.answer(); answer !== undefined; answer = this.#committer.answer()) {
      this.take(answer);
    }
  }

  /** Returns once no more than so many groups are under way. @throws CallwireError when one was lost */
  drainTo(count: number): void {
    while (this.#underWay.length > count) {
      const failure = this.take(this.#committer.nextAnswer());
      if (failure !== undefined) throw lostError(failure);
    }
  }

  drain(): void {
    this.drainTo(0);
  }

  /** Gives the failure when groups were lost. */
  take(answer: CommitterAnswer): Failure | undefined {
    if ("ready" in answer) this.#isReady = true;
    else if ("warning" in answer) this.#events.warning(answer.warning);
    else if ("committed" in answer) {
      this.#underWay.splice(0, answer.committed.length);
      this.#events.committed();
    } else {
      this.#underWay.length = 0;
      this.#positions.clear();
      this.#committer.give({ op: "resume" });
      this.#events.lost(answer.lost, answer.failure);
      return answer.failure;
    }
    return undefined;
  }

  /** Notes a change of the open group; undefined when there is none: then it is to be made at once, and nothing is under way. */
  note(change: Change): AheadGroup | undefined {
    if (this.#open === undefined) this.drain();
    else this.#open.changes.push(change);
    return this.#open;
  }

  /** Where a tenant stands after what is on its way. */
  position(tenant: string): Position {
    const known = this.#open?.positions.get(tenant) ?? this.#positions.get(tenant);
    if (known !== undefined) return known;
    const { log, view } = this.#stored;
    const position = { log: log.head(tenant), view: view.state(tenant) };
    this.#positions.set(tenant, position);
    return position;
  }

  /** A tenant has got further, within the open group or on the disk. */
  moved(tenant: string, to: Partial<Position>): void {
    const positions = this.#open?.positions ?? this.#positions;
    positions.set(tenant, { ...this.position(tenant), ...to });
  }

  /** The groups that are not on the disk, while one is being worked out; otherwise none is under way afterwards. */
  ahead(): readonly AheadGroup[] {
    if (this.#open !== undefined) return [...this.#underWay, this.#open];
    this.drain();
    return [];
  }

  /** For a change that is made at once. @throws Error within a group that is worked out ahead */
  direct(): void {
    if (this.#open !== undefined) throw new Error("this is not changed ahead of the disk");
    this.drain();
    this.#positions.clear();
  }

  /** Some group under way may change the session. */
  isUnderWay(isChanging: (group: AheadGroup) => boolean): boolean {
    return this.#underWay.some(isChanging);
  }
}

class AheadLog implements Log {
  readonly #store: AheadStore;
  readonly #stored: Log;

  constructor(store: AheadStore, stored: Log) {
    this.#store = store;
    this.#stored = stored;
  }

  head(tenant: string): LogHead {
    return this.#store.position(tenant).log;
  }

  append(tenant: string, envelopes: EncodedEnvelopes): number {
    const { log } = this.#store.position(tenant);
    const group = this.#store.note({ of: "append", with: [tenant, envelopes] });
    const first = group === undefined ? this.#stored.append(tenant, envelopes) : log.offset + 1;
    this.#store.moved(tenant, { log: { ...log, offset: first + envelopes.count - 1 } });
    return first;
  }

  read(tenant: string, afterOffset: number, limit: number): LogRecord[] {
    this.#store.drain();
    return this.#stored.read(tenant, afterOffset, limit);
  }

  trim(tenant: string, upToOffset: number): void {
    this.#store.direct();
    this.#stored.trim(tenant, upToOffset);
  }

  beginEpoch(tenant: string, epoch: string): void {
    this.#store.direct();
    this.#stored.beginEpoch(tenant, epoch);
  }

  lineage(tenant: string): { epoch: string; upTo: number }[] {
    return this.#stored.lineage(tenant);
  }
}

class AheadView implements View {
  readonly #store: AheadStore;
  readonly #stored: View;

  constructor(store: AheadStore, stored: View) {
    this.#store = store;
    this.#stored = stored;
  }

  /** The view, for a change that is made at once. */
  get #direct(): View {
    this.#store.direct();
    return this.#stored;
  }

  /** The view as it is on the disk, once nothing is under way. */
  get #settled(): View {
    this.#store.drain();
    return this.#stored;
  }

  state(tenant: string): ViewState {
    return this.#store.position(tenant).view;
  }

  apply(block: StoredBlock): void {
    const { tenant, last, lastMs, count } = block;
    const { view } = this.#store.position(tenant);
    // The frames are for the fan-out too, and what is noted is given away.
    const frames = this.#store.isAhead ? block.frames.slice() : block.frames;
    if (this.#store.note({ of: "apply", with: [{ ...block, frames }] }) === undefined) this.#stored.apply(block);
    this.#store.moved(tenant, { view: { appliedOffset: last, eventCount: view.eventCount + count, clockMs: lastMs } });
  }

  currentSession(tenant: string, kind: SessionKind, source: string, id: string): LoadedSession | undefined {
    const name = sessionName(tenant, kind, source, id);
    if (this.#store.isUnderWay(({ sessions }) => sessions.has(name))) this.#store.drain();
    const found = this.#stored.currentSession(tenant, kind, source, id);
    if (found === undefined) return undefined;
    const { firstOffset } = found;
    const isChanging = this.#store.isUnderWay((group) => group.firstOffsets.get(tenant)?.has(firstOffset) === true);
    return isChanging ? this.#settled.currentSession(tenant, kind, source, id) : found;
  }

  saveSession(tenant: string, session: StoredSession): void {
    const group = this.#store.note({ of: "saveSession", with: [tenant, session] });
    if (group === undefined) return this.#stored.saveSession(tenant, session);
    group.sessions.add(sessionName(tenant, session.kind, session.source, session.id));
  }

  saveSessionKeys(tenant: string, firstOffset: number, keys: string): void {
    const group = this.#store.note({ of: "saveSessionKeys", with: [tenant, firstOffset, keys] });
    if (group === undefined) this.#stored.saveSessionKeys(tenant, firstOffset, keys);
  }

  saveLastEvents(tenant: string, events: Float64Array): void {
    const group = this.#store.note({ of: "saveLastEvents", with: [tenant, events] });
    if (group === undefined) return this.#stored.saveLastEvents(tenant, events);
    const firstOffsets = group.firstOffsets.get(tenant) ?? new Set();
    group.firstOffsets.set(tenant, firstOffsets);
    for (let at = 0; at < events.length; at += lastEventFields) firstOffsets.add(events[at]!);
  }

  findDuplicates(key: DuplicateKey, sinceMs: number): KnownContent[] {
    const name = nameOf(key);
    const found = this.#store.ahead().flatMap(({ duplicates }) => duplicates.get(name) ?? []);
    return [...found, ...this.#stored.findDuplicates(key, sinceMs)];
  }

  remember(key: DuplicateKey, content: KnownContent, receivedMs: number): void {
    const group = this.#store.note({ of: "remember", with: [key, content, receivedMs] });
    if (group === undefined) return this.#stored.remember(key, content, receivedMs);
    const name = nameOf(key);
    const known = group.duplicates.get(name);
    if (known === undefined) group.duplicates.set(name, [content]);
    else known.push(content);
  }

  forget(beforeMs: number, limit: number): number {
    const group = this.#store.note({ of: "forget", with: [beforeMs, limit] });
    return group === undefined ? this.#stored.forget(beforeMs, limit) : limit;
  }

  saveAgent(tenant: string, agent: StoredAgent): void {
    const group = this.#store.note({ of: "saveAgent", with: [tenant, agent] });
    if (group === undefined) this.#stored.saveAgent(tenant, agent);
  }

  clear(tenant: string): void {
    this.#direct.clear(tenant);
  }

  dueSessions(tenant: string, since: SilentSince, limit: number): DueSession[] {
    return this.#settled.dueSessions(tenant, since, limit);
  }

  oldestUnsealed(tenant: string): number | undefined {
    return this.#settled.oldestUnsealed(tenant);
  }

  agents(tenant: string): StoredAgent[] {
    return this.#settled.agents(tenant);
  }

  replaceBlocks(merged: MergedBlock): void {
    this.#direct.replaceBlocks(merged);
  }

  addKeySegment(segment: KeySegment): void {
    this.#direct.addKeySegment(segment);
  }

  trim(tenant: string, upToOffset: number): number {
    return this.#direct.trim(tenant, upToOffset);
  }

  offsetBefore(tenant: string, timeMs: number): number {
    return this.#settled.offsetBefore(tenant, timeMs);
  }
}
