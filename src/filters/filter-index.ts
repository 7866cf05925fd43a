/**
 * The inverted index: from keys to the filters that ask for them, so that finding the filters that an event matches costs
 * as much as there are matches and not as there are filters.
 *
 * Each filter is entered under the keys of one of its clauses, its anchor: the clause whose attribute selects most. An
 * event is a candidate for the filters anchored at one of its keys; the other clauses are then checked by walking the
 * event's own few keys, so that a clause of 5,000 agents costs no more than one of a single agent.
 */

import { type Attribute, attribute } from "./attributes.ts";
import type { BlockKeys } from "./block-keys.ts";
import type { Clause, CompiledFilter, CompiledFilters } from "./compile.ts";

/** Attributes from the most to the least selective. */
const selectivity: readonly Attribute[] = [
  attribute.callId,
  attribute.chatId,
  attribute.mediaId,
  attribute.agentEmail,
  attribute.agentId,
  attribute.participantId,
  attribute.queueUuid,
  attribute.queueId,
  attribute.queueName,
  attribute.trigger,
  attribute.participantState,
  attribute.chatState,
  attribute.callState,
  attribute.language,
  attribute.source,
  attribute.recordingPermitted,
  attribute.kind,
  attribute.direction,
];
/** Attributes are ASCII. */
const attributeCodes = 128;
const rank = new Map(selectivity.map((attr, index) => [attr, index]));

interface Entry<T> {
  owner: T;
  filter: CompiledFilter;
  anchor: Clause;
  /** The clauses beside the anchor. */
  rest: readonly Clause[];
  /** Guards against judging an entry twice for one event when several of its anchor's keys occur. */
  judgedFor: number;
}

/** Is told each match once: event by its ordinal in the block, in order. */
export type OnMatch<T> = (ordinal: number, owner: T, filter: CompiledFilter) => void;

function anchorOf(filter: CompiledFilter): Clause {
  return filter.clauses.reduce((best, clause) =>
    rank.get(clause.attribute)! < rank.get(best.attribute)! ? clause : best,
  );
}

/** The entries anchored at keys of one attribute. */
class Anchored<T> {
  /**
   * By the key's length, so that most keys that nobody asks for, such as longer prefixes of a queue's path, are told by
   * that alone: looking one up means reading all of its text.
   */
  readonly #byLength: (Map<string, Entry<T>[]> | undefined)[] = [];
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  of(key: string): readonly Entry<T>[] | undefined {
    return this.#byLength[key.length]?.get(key);
  }

  add(key: string, entry: Entry<T>): void {
    while (this.#byLength.length <= key.length) this.#byLength.push(undefined);
    const byKey = (this.#byLength[key.length] ??= new Map());
    const entries = byKey.get(key);
    if (entries === undefined) byKey.set(key, [entry]);
    else entries.push(entry);
    this.#size++;
  }

  remove(key: string, entry: Entry<T>): void {
    const byKey = this.#byLength[key.length]!;
    const entries = byKey.get(key)!;
    // Their order means nothing: the last takes the place of the one that goes.
    const last = entries.pop()!;
    if (last !== entry) entries[entries.indexOf(entry)] = last;
    if (entries.length === 0) byKey.delete(key);
    if (byKey.size === 0) this.#byLength[key.length] = undefined;
    this.#size--;
  }
}

export class FilterIndex<T> {
  /** By the code of a key's attribute: what no filter is anchored at is not even looked up. */
  readonly #anchored: (Anchored<T> | undefined)[] = new Array(attributeCodes).fill(undefined);
  readonly #entries = new Map<T, Entry<T>[]>();
  #judgement = 0;

  add(owner: T, filters: readonly CompiledFilter[]): void {
    const entries = filters.map((filter): Entry<T> => {
      const anchor = anchorOf(filter);
      return { owner, filter, anchor, rest: filter.clauses.filter((clause) => clause !== anchor), judgedFor: 0 };
    });
    for (const entry of entries) {
      const anchored = (this.#anchored[entry.anchor.attribute.charCodeAt(0)] ??= new Anchored());
      for (const key of entry.anchor.keys) anchored.add(key, entry);
    }
    this.#entries.set(owner, entries);
  }

  remove(owner: T): void {
    for (const entry of this.#entries.get(owner) ?? []) {
      const code = entry.anchor.attribute.charCodeAt(0);
      const anchored = this.#anchored[code]!;
      for (const key of entry.anchor.keys) anchored.remove(key, entry);
      if (anchored.isEmpty) this.#anchored[code] = undefined;
    }
    this.#entries.delete(owner);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Finds all matches of a block's events. Keys that no filter is anchored at cost one look-up a block. */
  match(keys: BlockKeys, onMatch: OnMatch<T>): void {
    const { table, starts, ids } = keys;
    const candidates = new Array<readonly Entry<T>[] | undefined>(table.length);
    let found = 0;
    for (let id = 0; id < table.length; id++) {
      const key = table[id]!;
      const entries = this.#anchored[key.charCodeAt(0)]?.of(key);
      candidates[id] = entries;
      if (entries !== undefined) found++;
    }
    if (found === 0) return;
    const events = starts.length - 1;
    for (let ordinal = 0; ordinal < events; ordinal++) {
      const judgement = ++this.#judgement;
      const end = starts[ordinal + 1]!;
      for (let at = starts[ordinal]!; at < end; at++) {
        const entries = candidates[ids[at]!];
        if (entries === undefined) continue;
        for (const entry of entries) {
          if (entry.judgedFor === judgement) continue;
          entry.judgedFor = judgement;
          if (allHold(entry.rest, keys, ordinal)) onMatch(ordinal, entry.owner, entry.filter);
        }
      }
    }
  }
}

function allHold(clauses: readonly Clause[], keys: BlockKeys, ordinal: number): boolean {
  for (const clause of clauses) if (!clauseHolds(clause, keys, ordinal)) return false;
  return true;
}

/** Whether an event of a block matches a filter. */
export function filterHolds({ clauses }: CompiledFilter, keys: BlockKeys, ordinal: number): boolean {
  return allHold(clauses, keys, ordinal);
}

/** Whether the caller may see an event of a block. */
export function passesGate(gate: CompiledFilters["gate"], keys: BlockKeys, ordinal: number): boolean {
  return gate === undefined || gate.some((filter) => filterHolds(filter, keys, ordinal));
}

/** Whether an event of a block satisfies a clause. */
export function clauseHolds(clause: Clause, keys: BlockKeys, ordinal: number): boolean {
  for (let at = keys.starts[ordinal]!; at < keys.starts[ordinal + 1]!; at++) {
    const key = keys.table[keys.ids[at]!]!;
    if (key[0] === clause.attribute && clause.keys.has(key)) return true;
  }
  return false;
}
