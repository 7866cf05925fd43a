import { create } from "@bufbuild/protobuf";
import { afterEach, describe, expect, it } from "vitest";
import { type PublishItem, PublishItemSchema } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { CallwireError } from "../../src/errors/callwire-error.ts";
import type { EncodedBlock } from "../../src/log/block.ts";
import { callBody, type TemporaryLog, type TemporaryLogOptions, temporaryLog } from "./temporary-log.ts";

let temporary: TemporaryLog | undefined;
afterEach(async () => {
  await temporary?.dispose();
  temporary = undefined;
});
async function open(options: TemporaryLogOptions = {}): Promise<TemporaryLog> {
  temporary = await temporaryLog(options);
  return temporary;
}

const external = (eventId: string, state: string): Buffer =>
  Buffer.from(JSON.stringify({ count: 1, events: [{ event_id: eventId, call_id: "c1", state }] }));
const json = (value: unknown, idempotencyKey = ""): PublishItem =>
  create(PublishItemSchema, { event: { case: "json", value: JSON.stringify(value) }, idempotencyKey });
const offsetOf = (outcome: object): number => Number((outcome as { cursor: string }).cursor.split("-")[1]);

describe("GatewayLog", () => {
  it("keeps the order of concurrent requests and of the items within one", async () => {
    const { log } = await open();
    const published: number[] = [];
    log.onCommit((block) => published.push(...block.offsets));
    const bodies = Array.from({ length: 50 }, (_, index) =>
      Buffer.from(JSON.stringify({ count: 2, events: [{ call_id: `${index}a` }, { call_id: `${index}b` }] })),
    );
    const outcomes = await Promise.all(bodies.map((body) => log.submitBody("default", "ccai", body)));
    expect(outcomes.flat().map(offsetOf)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(published).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  it("publishes a commit before it answers the sender", async () => {
    const { log } = await open();
    let published: EncodedBlock | undefined;
    log.onCommit((block) => {
      published = block;
    });
    await log.submitBody("default", "ccai", callBody("c1"));
    expect(published?.offsets).toEqual(Float64Array.of(1));
    expect(log.state("default")).toMatchObject({ headOffset: 1, eventCount: 1 });
  });

  it("has everything it acknowledged after a restart, and goes on with the next offset", async () => {
    const opened = await open();
    await opened.log.submitBody("default", "ccai", callBody("c1"));
    const { epoch, clockMs } = opened.log.state("default");
    const log = await opened.reopen();
    expect(log.state("default")).toMatchObject({ epoch, headOffset: 1, eventCount: 1, clockMs });
    const [outcome] = await log.submitBody("default", "ccai", callBody("c2"));
    expect(outcome).toEqual({ status: "accepted", cursor: `${epoch}-2` });
  });

  it("answers a repeated event_id with the first one's cursor, also within one group and after a restart", async () => {
    const opened = await open();
    const bodies = [external("e1", "connected"), external("e1", "connected")];
    const [first, second] = await Promise.all(bodies.map((body) => opened.log.submitBody("default", "ccai", body)));
    expect(second).toEqual([{ status: "duplicate", cursor: (first![0] as { cursor: string }).cursor }]);
    const log = await opened.reopen();
    expect(await log.submitBody("default", "ccai", external("e1", "connected"))).toEqual(second);
    expect(log.state("default").headOffset).toBe(1);
  });

  it("takes a reused event_id with other content as an event of its own, and counts it", async () => {
    const { log } = await open();
    await log.submitBody("default", "ccai", external("e1", "connected"));
    const [reused] = await log.submitBody("default", "ccai", external("e1", "disconnected"));
    expect(reused!.status).toBe("accepted");
    expect(log.counters().EVENT_ID_REUSED).toBe(1);
    const [again] = await log.submitBody("default", "ccai", external("e1", "disconnected"));
    expect(again).toMatchObject({ status: "duplicate", cursor: (reused as { cursor: string }).cursor });
  });

  it("never takes equal content alone for a duplicate", async () => {
    const { log } = await open();
    const outcomes = [
      await log.submitBody("default", "ccai", callBody("c1")),
      await log.submitBody("default", "ccai", callBody("c1")),
    ];
    expect(outcomes.flat().map(({ status }) => status)).toEqual(["accepted", "accepted"]);
  });

  it("knows idempotency keys: same content is a duplicate, other content is rejected", async () => {
    const { log } = await open();
    const call = { call_id: "c1", state: "ringing" };
    const [first] = await log.submitItems("default", "ccai", [json(call, "k1")]);
    const reordered = { state: "ringing", call_id: "c1" };
    expect(await log.submitItems("default", "ccai", [json(reordered, "k1")])).toEqual([
      { status: "duplicate", cursor: (first as { cursor: string }).cursor },
    ]);
    expect(await log.submitItems("default", "ccai", [json({ call_id: "c2" }, "k1")])).toMatchObject([
      { status: "rejected", reason: "IDEMPOTENCY_KEY_REUSED" },
    ]);
    expect(await log.submitItems("default", "other", [json({ call_id: "c2" }, "k1")])).toMatchObject([
      { status: "accepted" },
    ]);
  });

  it("forgets duplicates after the window", async () => {
    const { log } = await open({ limits: { duplicateWindowMs: -1 } });
    const outcomes = [
      await log.submitBody("default", "ccai", external("e1", "connected")),
      await log.submitBody("default", "ccai", external("e1", "connected")),
    ];
    expect(outcomes.flat().map(({ status }) => status)).toEqual(["accepted", "accepted"]);
  });

  it("takes the good items of a batch and quarantines the bad with their bytes", async () => {
    const { log } = await open();
    const body = Buffer.from('[{"call_id":"c1"}, {"nothing": 1} ,{"chat_id":7}]');
    expect(await log.submitBody("default", "ccai", body)).toMatchObject([
      { status: "accepted" },
      { status: "rejected", reason: "NOT_AN_EVENT" },
      { status: "accepted" },
    ]);
    const { entries, total } = await log.quarantine.list({ tenant: "default", afterId: 0, limit: 10 });
    expect(total).toBe(1);
    expect(log.state("default").quarantinedCount).toBe(1);
    const found = await log.quarantine.get("default", entries[0]!.id);
    expect(Buffer.from(found!.content).toString()).toBe('{"nothing": 1}');
  });

  it("retries and discards what is quarantined", async () => {
    const { log } = await open({ limits: { maxEventBytes: 200 } });
    const large = callBody("c1", { padding: "x".repeat(300) });
    await log.submitBody("default", "ccai", large);
    await log.submitBody("default", "ccai", Buffer.from("{"));
    const { entries } = await log.quarantine.list({ tenant: "default", afterId: 0, limit: 10 });
    const ids = entries.map(({ id }) => id);
    expect(await log.quarantine.retry("default", [...ids, 99])).toMatchObject([
      { accepted: false, reason: "EVENT_TOO_LARGE" },
      { accepted: false, reason: "MALFORMED_JSON" },
      { accepted: false, reason: "UNKNOWN_QUARANTINE_ID" },
    ]);
    expect(log.state("default").quarantinedCount).toBe(2);
    expect(await log.quarantine.discard("default", [ids[0]!])).toBe(1);
    expect(log.state("default").quarantinedCount).toBe(1);
    expect(await log.quarantine.discard("default", "all")).toBe(1);
  });

  it("refuses input beyond the bound of what may wait, and lets held senders go on afterwards", async () => {
    const { log } = await open({ limits: { maxPendingBytes: 100 } });
    const first = log.submitBody("default", "ccai", callBody("c1", { padding: "x".repeat(200) }));
    await expect(log.submitBody("default", "ccai", callBody("c2"))).rejects.toMatchObject({ reason: "OVERLOADED" });
    expect(await log.whenUnderPressureEnds(10_000)).toBe(true);
    await first;
    await expect(log.submitBody("default", "ccai", callBody("c2"))).resolves.toMatchObject([{ status: "accepted" }]);
  });

  it("keeps tenants apart", async () => {
    const { log } = await open({ tenants: ["a", "b"] });
    await log.submitBody("a", "ccai", callBody("c1"));
    expect(log.state("a").headOffset).toBe(1);
    expect(log.state("b").headOffset).toBe(0);
    expect(log.state("a").epoch).not.toBe(log.state("b").epoch);
    expect(() => log.state("c")).toThrow(CallwireError);
  });

  it("refuses input while it closes, and commits what came before", async () => {
    const opened = await open();
    const submitted = opened.log.submitBody("default", "ccai", callBody("c1"));
    const reopened = opened.reopen();
    await expect(opened.log.submitBody("default", "ccai", callBody("c2"))).rejects.toMatchObject({
      reason: "GOING_AWAY",
    });
    await expect(submitted).resolves.toMatchObject([{ status: "accepted" }]);
    expect((await reopened).state("default").headOffset).toBe(1);
  });
});
