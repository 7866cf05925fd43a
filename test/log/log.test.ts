import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Envelope, encodeEnvelopes } from "../../src/log/envelope.ts";
import type { Log } from "../../src/log/log.ts";
import { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { LateStore } from "./late-committer.ts";

const limits = { maxQuarantineEntries: 10, maxQuarantineBytes: 1_000 };

function envelope(key: string): Envelope {
  return {
    source: "ccai",
    kind: "call",
    key,
    sourceEventId: "",
    idempotencyKey: "",
    receivedMs: 1,
    eventTime: undefined,
    firstReceivedMs: undefined,
    form: "json",
    content: Buffer.from(key),
  };
}

/** What every implementation of Log must do. A group makes changes durable; `reopen` is a restart. */
function logBehaviour(
  name: string,
  open: (folder: string) => { log: Log; group<R>(changes: () => R): R; atOnce<R>(changes: () => R): R; close(): void },
): void {
  describe(`Log: ${name}`, () => {
    let folder: string;
    let store: ReturnType<typeof open>;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "callwire-log-"));
      store = open(folder);
    });
    afterEach(() => {
      store.close();
      rmSync(folder, { recursive: true });
    });
    const append = (tenant: string, ...keys: string[]): number =>
      store.group(() => store.log.append(tenant, encodeEnvelopes(keys.map(envelope))));
    const keysAfter = (tenant: string, offset: number): [number, string][] =>
      store.log.read(tenant, offset, 100).map((record) => [record.offset, record.envelope.key]);

    it("begins empty, with an epoch of 8 hex digits", () => {
      expect(store.log.head("a")).toMatchObject({
        offset: 0,
        trimmedTo: 0,
        epoch: expect.stringMatching(/^[0-9a-f]{8}$/),
      });
      expect(keysAfter("a", 0)).toEqual([]);
    });

    it("gives strictly increasing offsets in the order of appending, per tenant", () => {
      expect(append("a", "1", "2")).toBe(1);
      expect(append("b", "x")).toBe(1);
      expect(append("a", "3")).toBe(3);
      expect(keysAfter("a", 0)).toEqual([
        [1, "1"],
        [2, "2"],
        [3, "3"],
      ]);
      expect(keysAfter("a", 1)).toEqual([
        [2, "2"],
        [3, "3"],
      ]);
      expect(keysAfter("b", 0)).toEqual([[1, "x"]]);
    });

    it("forgets a group that fails, offsets included", () => {
      append("a", "1");
      expect(() =>
        store.group(() => {
          store.log.append("a", encodeEnvelopes([envelope("lost")]));
          throw new Error("the disk");
        }),
      ).toThrow("the disk");
      expect(append("a", "2")).toBe(2);
      expect(keysAfter("a", 0)).toEqual([
        [1, "1"],
        [2, "2"],
      ]);
    });

    it("holds everything after a restart, under the same epoch", () => {
      append("a", "1", "2");
      const { epoch } = store.log.head("a");
      store.close();
      store = open(folder);
      expect(store.log.head("a")).toEqual({ epoch, offset: 2, trimmedTo: 0 });
      expect(keysAfter("a", 0)).toHaveLength(2);
    });

    it("trims no further than asked and says how far", () => {
      append("a", "1", "2");
      append("a", "3");
      store.atOnce(() => store.log.trim("a", 1));
      expect(store.log.head("a").trimmedTo).toBeLessThanOrEqual(1);
      store.atOnce(() => store.log.trim("a", 2));
      expect(store.log.head("a")).toMatchObject({ offset: 3, trimmedTo: 2 });
      expect(keysAfter("a", 2)).toEqual([[3, "3"]]);
    });

    it("keeps the lineage of its epochs", () => {
      append("a", "1");
      const old = store.log.head("a").epoch;
      store.atOnce(() => store.log.beginEpoch("a", "0badcafe"));
      append("a", "2");
      expect(store.log.head("a")).toMatchObject({ epoch: "0badcafe", offset: 2 });
      expect(store.log.lineage("a")).toEqual([{ epoch: old, upTo: 1 }]);
    });
  });
}

logBehaviour("embedded", (folder) => {
  const store = new EmbeddedStore(folder, limits);
  for (const tenant of ["a", "b"]) store.ensureTenant(tenant);
  return Object.assign(store, { atOnce: store.group.bind(store) as typeof store.group });
});

logBehaviour("ahead of the disk", (folder) => {
  const disk = new EmbeddedStore(folder, limits);
  for (const tenant of ["a", "b"]) disk.ensureTenant(tenant);
  return new LateStore(disk, folder);
});
