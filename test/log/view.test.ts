import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AgentState } from "../../gen/ts/callwire/v1/state_pb.ts";
import type { StoredAgent } from "../../src/log/agent-directory.ts";
import type { EncodedBlock } from "../../src/log/block.ts";
import { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { storedBlock } from "../../src/log/stored-block.ts";
import type { View } from "../../src/log/view.ts";
import { LateStore } from "./late-committer.ts";

const limits = { maxQuarantineEntries: 10, maxQuarantineBytes: 1_000 };

/** A block of one-byte frames at these offsets and times. */
function block(tenant: string, ...events: [offset: number, receivedMs: number][]): EncodedBlock {
  return {
    tenant,
    offsets: Float64Array.from(events, ([offset]) => offset),
    receivedMs: Float64Array.from(events, ([, ms]) => ms),
    frames: new Uint8Array(events.length),
    frameEnds: Uint32Array.from(events, (_, index) => index + 1),
    sessions: new Uint8Array(0),
    sessionEnds: new Uint32Array(events.length),
    contents: new Uint8Array(0),
    contentEnds: new Uint32Array(events.length),
    areJson: new Uint8Array(events.length),
    sessionOffsets: new Float64Array(events.length),
    previousOffsets: new Float64Array(events.length),
    keys: {
      table: [],
      starts: new Uint32Array(events.length + 1),
      ids: new Uint32Array(0),
      origins: new Uint16Array(3 * events.length),
    },
  };
}

function agent(email: string, stateOffset: number): StoredAgent {
  return { agentId: "7", email, state: AgentState.LOGIN, stateOffset, stateMs: 100, source: "ccai" };
}

/** What every implementation of View must do. */
function viewBehaviour(
  name: string,
  open: (folder: string) => {
    view: View;
    group<R>(changes: () => R): R;
    atOnce<R>(changes: () => R): R;
    close(): void;
  },
): void {
  describe(`View: ${name}`, () => {
    let folder: string;
    let store: ReturnType<typeof open>;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "callwire-view-"));
      store = open(folder);
    });
    afterEach(() => {
      store.close();
      rmSync(folder, { recursive: true });
    });
    const apply = (tenant: string, ...events: [number, number][]): void =>
      store.group(() => store.view.apply(storedBlock(block(tenant, ...events), new Uint8Array(0))));

    it("counts events and keeps the clock and the applied offset, holes allowed", () => {
      apply("a", [1, 100], [2, 100]);
      apply("a", [5, 130]);
      expect(store.view.state("a")).toEqual({ appliedOffset: 5, eventCount: 3, clockMs: 130 });
      expect(store.view.state("b")).toEqual({ appliedOffset: 0, eventCount: 0, clockMs: 0 });
    });

    it("finds the newest offset before a time", () => {
      apply("a", [1, 100], [2, 110]);
      apply("a", [3, 110], [4, 120]);
      const before = [99, 100, 101, 110, 111, 120, 121].map((ms) => store.view.offsetBefore("a", ms));
      expect(before).toEqual([0, 0, 1, 1, 3, 3, 4]);
    });

    it("knows duplicates within the window only, scoped to tenant, source and space", () => {
      const key = { tenant: "a", source: "ccai", space: "event_id", key: "e1" } as const;
      store.group(() => store.view.remember(key, { digest: "d1", offset: 7 }, 1_000));
      expect(store.view.findDuplicates(key, 1_000)).toEqual([{ digest: "d1", offset: 7 }]);
      expect(store.view.findDuplicates(key, 1_001)).toEqual([]);
      expect(store.view.findDuplicates({ ...key, tenant: "b" }, 0)).toEqual([]);
      expect(store.view.findDuplicates({ ...key, source: "other" }, 0)).toEqual([]);
      expect(store.view.findDuplicates({ ...key, space: "idempotency_key" }, 0)).toEqual([]);
    });

    it("remembers several contents under one name", () => {
      const key = { tenant: "a", source: "ccai", space: "event_id", key: "e1" } as const;
      store.group(() => {
        store.view.remember(key, { digest: "d1", offset: 7 }, 1_000);
        store.view.remember(key, { digest: "d2", offset: 9 }, 1_001);
      });
      expect(
        store.view
          .findDuplicates(key, 0)
          .map(({ offset }) => offset)
          .sort(),
      ).toEqual([7, 9]);
    });

    it("forgets old keys, at most as many as asked", () => {
      store.group(() => {
        for (const [index, ms] of [10, 20, 30].entries()) {
          const key = { tenant: "a", source: "ccai", space: "event_id", key: `e${index}` } as const;
          store.view.remember(key, { digest: "d", offset: index }, ms);
        }
        store.view.forget(30, 1);
      });
      const known = [0, 1, 2].map(
        (n) => store.view.findDuplicates({ tenant: "a", source: "ccai", space: "event_id", key: `e${n}` }, 0).length,
      );
      expect(known).toEqual([0, 1, 1]);
    });

    it("knows the last address of an agent after a restart", () => {
      store.group(() => {
        store.view.saveAgent("a", agent("old@example.com", 3));
        store.view.saveAgent("a", agent("new@example.com", 5));
      });
      store.close();
      store = open(folder);
      expect(store.view.agents("a")).toEqual([agent("new@example.com", 5)]);
      expect(store.view.agents("b")).toEqual([]);
    });

    it("trims whole blocks and counts what is left", () => {
      apply("a", [1, 100], [2, 110]);
      apply("a", [3, 120]);
      expect(store.atOnce(() => store.view.trim("a", 1))).toBe(0);
      expect(store.atOnce(() => store.view.trim("a", 2))).toBe(2);
      expect(store.view.state("a")).toEqual({ appliedOffset: 3, eventCount: 1, clockMs: 120 });
    });
  });
}

viewBehaviour("embedded", (folder) => {
  const store = new EmbeddedStore(folder, limits);
  for (const tenant of ["a", "b"]) store.ensureTenant(tenant);
  return Object.assign(store, { atOnce: store.group.bind(store) as typeof store.group });
});

viewBehaviour("ahead of the disk", (folder) => {
  const disk = new EmbeddedStore(folder, limits);
  for (const tenant of ["a", "b"]) disk.ensureTenant(tenant);
  return new LateStore(disk, folder);
});
