/** Keys by which duplicates are known are forgotten once their time is over, or they would fill the disk. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, it, onTestFinished } from "vitest";
import { PublishEventsRequestSchema } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { Sequencer } from "../../src/log/sequencer.ts";
import { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { journalFile } from "../../src/log/sqlite/journal-store.ts";

const windowMs = 10_000;
const limits = { maxJsonDepth: 64, maxEventBytes: 1024 * 1024, maxBodyItems: 1_000, duplicateWindowMs: windowMs };

it("keys of events are forgotten after the window, also many of them", () => {
  const folder = mkdtempSync(join(tmpdir(), "callwire-forgetting-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = new EmbeddedStore(folder, { maxQuarantineEntries: 10, maxQuarantineBytes: 1_000_000 });
  onTestFinished(() => store.close());
  store.ensureTenant("default");
  let nowMs = 1_000_000;
  const sequencer = new Sequencer(store, limits, () => nowMs);
  const publish = (name: string, count: number): void => {
    const items = Array.from({ length: count }, (_, index) => ({
      idempotencyKey: `${name}${index}`,
      event: { case: "json" as const, value: '{"call_id":"c","state":"ringing"}' },
    }));
    const bytes = toBinary(PublishEventsRequestSchema, create(PublishEventsRequestSchema, { items }));
    sequencer.run([{ tenant: "default", source: "ccai", form: "items", bytes }]);
  };
  const known = (): unknown => {
    const database = new DatabaseSync(join(folder, journalFile), { readOnly: true });
    const { n } = database.prepare("SELECT count(*) AS n FROM duplicate").get() as { n: number };
    database.close();
    return n;
  };
  publish("a", 600);
  expect(known()).toBe(600);
  nowMs += windowMs + 1;
  for (let group = 0; group < 3; group++) publish(`b${group}`, 1);
  expect(known()).toBe(3);
  // Nothing was left: for a second nobody looks, and after it they do.
  nowMs += windowMs + 1;
  publish("c", 1);
  expect(known()).toBe(1);
});
