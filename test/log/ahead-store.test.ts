/** Working ahead of the disk gives what working in step with it gives, whenever groups become durable and whichever are lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/config/limits.ts";
import { AheadStore } from "../../src/log/ahead-store.ts";
import { encodeEnvelopes } from "../../src/log/envelope.ts";
import type { IngestRequest } from "../../src/log/ingest-request.ts";
import { type SequencedItem, Sequencer } from "../../src/log/sequencer.ts";
import { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { journalFile } from "../../src/log/sqlite/journal-store.ts";
import type { Store } from "../../src/log/store.ts";
import { contactCentre } from "../../src/simulator/contact-centre.ts";
import { LateCommitter, LateStore } from "./late-committer.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).reverse()) close();
});

function lateStore(): { store: LateStore; disk: EmbeddedStore } {
  const { store: disk, folder } = temporaryStore();
  // The disk is closed with it.
  open.pop();
  const store = new LateStore(disk, folder);
  open.push(() => store.close());
  return { store, disk };
}

function temporaryStore(): { store: EmbeddedStore; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "callwire-ahead-"));
  open.push(() => rmSync(folder, { recursive: true }));
  const store = new EmbeddedStore(folder, defaultLimits, () => "0badcafe");
  open.push(() => store.close());
  store.ensureTenant("default");
  return { store, folder };
}

/**
 * What happens before each group: how many become durable, whether that is looked at, whether one is lost, whether the sequencer
 * forgets; and whether the group is made durable at once.
 */
interface Step {
  isAtOnce: boolean;
  commits: number;
  isTaken: boolean;
  loses: boolean;
  forgets: boolean;
}

interface Outcome {
  accepted: Map<number, SequencedItem[][]>;
  rows: Record<string, unknown[]>;
}

const tables = [
  ...["tenant", "log_block", "event_block", "session_block", "session", "session_keys", "session_last"],
  ...["agent", "duplicate"],
];

function rowsOf(folder: string): Record<string, unknown[]> {
  const database = new DatabaseSync(join(folder, journalFile), { readOnly: true });
  const rows = tables.map((table) => [table, database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`).all()]);
  database.close();
  return Object.fromEntries(rows);
}

/** A contact centre's day, with names and duplicates of them, in groups of uneven size. */
function groupsOf(seed: number): IngestRequest[][] {
  const options = { seed, calls: 25, duplicates: 0.2, reorder: 0.1, garbage: 0.05 };
  const posts = [...contactCentre(options)].map(({ source, body }, index): IngestRequest => {
    const bytes = Buffer.from(body);
    return { tenant: "default", source, form: "body", bytes, name: `delivery ${index % 40 < 3 ? index % 40 : index}` };
  });
  const groups: IngestRequest[][] = [];
  for (let at = 0, size = 1; at < posts.length; at += size, size = (size * 7) % 23) {
    groups.push(posts.slice(at, at + size));
  }
  return groups;
}

const longAfterMs = 1e12;

/** Every so often all that is open is expired, or what is closed is sealed, right before the next group. */
function settle(index: number, store: Store, sequencer: Sequencer): void {
  if (index % 4 !== 3) return;
  const now = 1_700_000_000_000 + 1_000 * index;
  const since = { openMs: now - (index % 8 === 3 ? 0 : longAfterMs), heldMs: now - longAfterMs, closedMs: now };
  const due = store.view.dueSessions("default", since, 50);
  if (due.length > 0) sequencer.settle("default", due);
}

/** In step with the disk; without the groups that are left out. */
function inStep(groups: readonly IngestRequest[][], leftOut: ReadonlySet<number>, settles = false): Outcome {
  const { store, folder } = temporaryStore();
  let now = 0;
  const sequencer = new Sequencer(store, defaultLimits, () => now);
  const accepted: Outcome["accepted"] = new Map();
  groups.forEach((group, index) => {
    now = 1_700_000_000_000 + 1_000 * index;
    if (settles) settle(index, store, sequencer);
    if (!leftOut.has(index)) accepted.set(index, sequencer.run(group).outcomes);
  });
  return { accepted, rows: rowsOf(folder) };
}

/** Ahead of the disk. */
function ahead(
  groups: readonly IngestRequest[][],
  steps: readonly Step[],
  settles = false,
): Outcome & { lost: Set<number> } {
  const { store: disk, folder } = temporaryStore();
  const committer = new LateCommitter(folder);
  open.push(() => committer.close());
  let now = 0;
  const accepted: Outcome["accepted"] = new Map();
  const lost = new Set<number>();
  /** The group of each number. */
  const numbered = new Map<number, number>();
  const store = new AheadStore(disk, committer, {
    committed: () => {},
    lost: (from) => {
      sequencer.forget();
      for (const [number, index] of numbered) {
        if (number < from) continue;
        lost.add(index);
        accepted.delete(index);
      }
    },
    warning: () => {},
  });
  const sequencer = new Sequencer(store, defaultLimits, () => now);
  store.takeAnswers();
  groups.forEach((group, index) => {
    const { commits, isTaken, loses, forgets, isAtOnce } = steps[index % steps.length]!;
    now = 1_700_000_000_000 + 1_000 * index;
    committer.losesNext = loses;
    committer.commit(commits);
    if (isTaken) store.takeAnswers();
    if (forgets) sequencer.forget();
    if (settles) settle(index, store, sequencer);
    // Groups that were lost before count no more.
    for (const [number, before] of numbered) if (lost.has(before)) numbered.delete(number);
    store.worksAhead = !isAtOnce;
    try {
      accepted.set(index, sequencer.run(group).outcomes);
      if (store.pending !== undefined) numbered.set(store.pending, index);
    } catch {
      lost.add(index);
    }
  });
  committer.losesNext = false;
  try {
    store.drain();
  } catch {
    // What was lost is known.
  }
  return { accepted, rows: rowsOf(folder), lost };
}

const before = { commits: fc.nat(3), isTaken: fc.boolean(), forgets: fc.boolean() };
const isAtOnce = fc.nat(3).map((one) => one === 0);
const step = fc.record({ ...before, isAtOnce, loses: fc.constant(false) });
const losing = fc.record({ ...before, isAtOnce, loses: fc.boolean() });

describe("working ahead of the disk", () => {
  it("gives the same answers and stores the same bytes, whenever groups become durable", () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.array(step, { minLength: 1, maxLength: 9 }), (seed, steps) => {
        const groups = groupsOf(seed);
        const { lost, ...outcome } = ahead(groups, steps, true);
        expect(lost.size).toBe(0);
        expect(outcome).toEqual(inStep(groups, lost, true));
      }),
      { numRuns: 12 },
    );
  });

  it("stores nothing of a group that is lost, nor of those after it, and everything else as if they had never been", () => {
    let losses = 0;
    fc.assert(
      fc.property(fc.nat(1_000), fc.array(losing, { minLength: 3, maxLength: 9 }), (seed, steps) => {
        const groups = groupsOf(seed);
        const { lost, ...outcome } = ahead(groups, steps);
        losses += lost.size;
        expect(outcome).toEqual(inStep(groups, lost));
      }),
      { numRuns: 12 },
    );
    expect(losses).toBeGreaterThan(0);
  });

  it("reads a session as the newest group under way leaves it", () => {
    const { store } = lateStore();
    const sequencer = new Sequencer(store, defaultLimits, () => 1_700_000_000_000);
    const tell = (State: string): void => {
      const bytes = Buffer.from(JSON.stringify({ type: "CallState", item: { CallID: "7", State } }));
      sequencer.run([{ tenant: "default", source: "ccai", form: "body", bytes }]);
    };
    const read = () => store.group(() => store.view.currentSession("default", "call", "ccai", "7"));
    tell("connecting");
    expect(read()).toMatchObject({ firstOffset: 1, lastOffset: 1 });
    store.drain();
    tell("connected");
    expect(read()).toMatchObject({ firstOffset: 1, lastOffset: 2 });
  });

  it("knows where a tenant stands after what was done at once, and after what failed", () => {
    const { store } = lateStore();
    const sequencer = new Sequencer(store, defaultLimits, () => 1_700_000_000_000);
    const stands = () => ({ ...store.log.head("default"), ...store.view.state("default") });
    store.worksAhead = false;
    sequencer.run(groupsOf(1).flat());
    const { offset } = stands();
    const [first] = store.log.read("default", 0, 1);
    expect(stands()).toMatchObject({ offset, trimmedTo: 0, appliedOffset: offset, eventCount: offset });
    store.group(() => {
      store.view.trim("default", offset);
      store.log.trim("default", offset);
    });
    const { trimmedTo, eventCount } = stands();
    expect([trimmedTo, eventCount]).not.toEqual([0, offset]);
    const before = stands();
    const fail = (): never => {
      store.log.append("default", encodeEnvelopes([first!.envelope]));
      expect(stands().offset).toBe(offset + 1);
      throw new Error("on purpose");
    };
    expect(() => store.group(fail)).toThrow("on purpose");
    expect(stands()).toEqual(before);
  });

  it("makes what is not changed ahead wait for what is under way, and refuses it within a group", () => {
    const { store, disk } = lateStore();
    const sequencer = new Sequencer(store, defaultLimits, () => 1_700_000_000_000);
    sequencer.run(groupsOf(1).flat());
    expect(store.underWay).toBe(1);
    expect(disk.log.head("default").offset).toBe(0);
    expect(store.log.head("default").offset).toBeGreaterThan(0);
    expect(store.view.oldestUnsealed("default")).toBeGreaterThan(0);
    expect(store.underWay).toBe(0);
    expect(() => store.group(() => store.view.trim("default", 1))).toThrow("not changed ahead");
    store.atOnce(() => store.log.beginEpoch("default", "00000002"));
    expect(store.log.head("default").epoch).toBe("00000002");
  });
});
