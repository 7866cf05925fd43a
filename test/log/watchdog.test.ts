import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Event, EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { SessionAnomaly } from "../../gen/ts/callwire/v1/session_pb.ts";
import { Trigger } from "../../gen/ts/callwire/v1/state_pb.ts";
import { defaultLimits } from "../../src/config/limits.ts";
import { type EncodedBlock, frameAt, frameBody, fullFrame, tailAt } from "../../src/log/block.ts";
import { rebuildView } from "../../src/log/rebuild-view.ts";
import { trimmedAtOnce, trimToAge } from "../../src/log/retention.ts";
import { Sequencer } from "../../src/log/sequencer.ts";
import { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { Watchdog } from "../../src/log/watchdog.ts";
import { callBody } from "./temporary-log.ts";

const minute = 60_000;
const times = {
  expireAfterMs: 60 * minute,
  expireHeldAfterMs: 120 * minute,
  wrapUpMs: 15 * minute,
  startGraceMs: 5 * minute,
};

describe("the watchdog", () => {
  let folder: string;
  let store: EmbeddedStore;
  let sequencer: Sequencer;
  let watchdog: Watchdog;
  let now: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "callwire-watchdog-"));
    store = new EmbeddedStore(folder, defaultLimits);
    store.ensureTenant("default");
    now = 1_700_000_000_000;
    sequencer = new Sequencer(store, defaultLimits, () => now);
    watchdog = new Watchdog("default", times, store.view, sequencer, now);
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  const fullEvents = (blocks: readonly EncodedBlock[]): Event[] =>
    blocks.flatMap((block) =>
      Array.from(block.offsets, (_, at) =>
        fromBinary(EventSchema, frameBody(fullFrame(frameAt(block, at), tailAt(block, at)))),
      ),
    );
  const tell = (id: string, State: string, more: object = {}): Event => {
    const bytes = callBody(id, { State, Queue_path_names: "support", ...more });
    return fullEvents(sequencer.run([{ tenant: "default", source: "ccai", form: "body", bytes }]).blocks)[0]!;
  };
  /** What a round settles after so many minutes more. */
  const later = (minutes: number): Event[] => {
    now += minutes * minute;
    return fullEvents(watchdog.round(now).flatMap(({ blocks }) => blocks));
  };

  it("expires a silent open call with an event of its own, which names itself synthetic", () => {
    tell("silent", "connected");
    expect(later(59)).toEqual([]);
    const [expired, ...rest] = later(2);
    expect(rest).toEqual([]);
    expect(expired).toMatchObject({ trigger: Trigger.CALL_EXPIRED, synthetic: true, rawJson: "", sessionOffset: 1n });
    expect(expired!.session).toMatchObject({
      open: false,
      anomalies: expect.arrayContaining([SessionAnomaly.EXPIRED]),
    });
    expect(later(1)).toEqual([]);
  });

  it("counts what it finds odd", () => {
    tell("silent", "connected");
    now += 61 * minute;
    expect([...watchdog.round(now)[0]!.notes]).toEqual([["SESSION_EXPIRED", 1]]);
  });

  it("waits longer for a call on hold", () => {
    tell("held", "held");
    expect(later(100)).toEqual([]);
    expect(later(21)).toHaveLength(1);
  });

  it("does nothing within the grace after a start", () => {
    tell("old", "connected");
    now += 300 * minute;
    watchdog = new Watchdog("default", times, store.view, sequencer, now);
    expect(later(4)).toEqual([]);
    expect(later(2)).toHaveLength(1);
  });

  it("lets a late real event reopen an expired call, and not a closed one", () => {
    tell("late", "connected");
    tell("closed", "disconnected");
    later(61);
    expect(tell("late", "held").session).toMatchObject({ open: true, state: "held" });
    later(1);
    const stray = tell("late", "disconnected");
    expect(stray).toMatchObject({ trigger: Trigger.CALL_ENDED, session: { open: false } });
    expect(tell("late", "connected").session).toMatchObject({ open: false });
  });

  it("takes an expiry back whole when the call goes on: nobody joins anew, and who was redacted still is", () => {
    const parties = (external: string, agent: string) => ({
      Participants: [
        { ParticipantID: "+1", Type: "external", State: external },
        { ParticipantID: "7", Type: "agent", State: agent },
      ],
    });
    tell("late", "connected", parties("connected", "connected"));
    tell("late", "connected", parties("redacted", "redacted"));
    tell("late", "held", parties("held", "connected"));
    const [expired] = later(121);
    expect(expired).toMatchObject({ trigger: Trigger.CALL_EXPIRED, redactionActive: false });
    // Also when the session comes from the disk.
    sequencer = new Sequencer(store, defaultLimits, () => now);
    const late = tell("late", "connected", parties("connected", "connected"));
    expect(late).toMatchObject({ trigger: Trigger.CALL_UNHELD, changes: [Trigger.CALL_UNHELD], redactionActive: true });
    const { agents, redactionSpans, holdSpans, queueSpans } = late.session!;
    expect(agents).toMatchObject([{ agentId: "7", joinedOffset: 1n, leftOffset: 0n }]);
    expect(agents[0]!.leftTime).toBeUndefined();
    expect(redactionSpans.map(({ endOffset }) => endOffset)).toEqual([0n, 0n]);
    expect(holdSpans).toMatchObject([{ beginOffset: 3n, endOffset: 5n }]);
    expect(queueSpans).toMatchObject([{ beginOffset: 1n, endOffset: 0n }]);
  });

  it("seals a closed call after the wrap-up time, with a digest that anybody can compute", () => {
    const events = [tell("sealed", "connected"), tell("sealed", "held"), tell("sealed", "disconnected")];
    expect(later(14)).toEqual([]);
    const [seal] = later(2);
    expect(seal).toMatchObject({ trigger: Trigger.CALL_SEALED, synthetic: true });
    let digest: Buffer = Buffer.alloc(32);
    for (const { rawJson } of events) digest = createHash("sha256").update(digest).update(rawJson).digest();
    const { epoch } = store.log.head("default");
    expect(seal!.session!.seal).toMatchObject({ eventCount: 3n, firstCursor: `${epoch}-1`, lastCursor: `${epoch}-3` });
    expect(Buffer.from(seal!.session!.seal!.digest)).toEqual(digest);
    expect(later(60)).toEqual([]);
  });

  it("begins another session when an id is used again after the seal", () => {
    tell("again", "disconnected");
    later(16);
    expect(tell("again", "ringing")).toMatchObject({ trigger: Trigger.CALL_RINGING, sessionOffset: 3n });
  });

  it("is refolded like any other event", () => {
    tell("one", "connected");
    tell("two", "disconnected");
    later(70);
    later(70);
    tell("one", "held");
    const sessions = (): unknown[] =>
      ["one", "two"].map((id) => store.view.currentSession("default", "call", "ccai", id));
    const before = [store.view.state("default"), ...sessions()];
    store.group(() => rebuildView(store, "default"));
    expect([store.view.state("default"), ...sessions()]).toEqual(before);
  });

  it("expires and seals what retention is about to drop, and keeps what is not sealed", () => {
    tell("gone", "connected");
    now += 100 * minute;
    tell("kept", "connected");
    now += 10 * minute;
    const beforeMs = now - 50 * minute;
    const settled = fullEvents(watchdog.settleBefore(beforeMs).flatMap(({ blocks }) => blocks));
    expect(settled.map(({ trigger }) => trigger)).toEqual([Trigger.CALL_EXPIRED, Trigger.CALL_SEALED]);
    expect(trimToAge(store, "default", beforeMs)).toBe(true);
    expect(store.log.head("default").trimmedTo).toBe(1);
    expect(store.view.oldestUnsealed("default")).toBe(2);
  });

  it("has retention drop a long past in steps, each a transaction of its own", () => {
    for (let request = 0; request < 20; request++) {
      const events = Array.from({ length: 1_000 }, (_, index) => ({
        type: "AgentState",
        item: { ParticipantID: `${index % 7}`, State: "login" },
      }));
      const bytes = Buffer.from(JSON.stringify(events));
      sequencer.run([{ tenant: "default", source: "ccai", form: "body", bytes }]);
    }
    now += minute;
    const heads: number[] = [];
    while (trimToAge(store, "default", now)) heads.push(store.log.head("default").trimmedTo);
    expect(heads).toHaveLength(2);
    expect(heads[0]).toBeLessThanOrEqual(trimmedAtOnce);
    expect(heads[1]).toBe(20_000);
    expect(store.view.state("default").eventCount).toBe(0);
  });
});
