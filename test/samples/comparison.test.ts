import { describe, expect, test } from "vitest";
import { contactCentre } from "../../src/simulator/contact-centre.ts";
import { compare } from "./comparison.ts";
import { type RecordedCall, Truth } from "./truth.ts";

const centre = { seed: 3, calls: 60, agents: 6 };

/** What the simulator knows, with an event a second. */
function truthOf(): RecordedCall[] {
  const truth = new Truth(centre);
  let receivedMs = Date.UTC(2026, 0, 1);
  for (const { sessionKey, events } of contactCentre(centre)) {
    const callId = /^call-(.*)$/.exec(sessionKey)?.[1];
    for (let event = 0; event < events; event++) {
      receivedMs += 1_000;
      if (callId !== undefined) truth.observe({ callId, receivedMs });
    }
  }
  return truth.ended;
}

/** The line of a recorder. */
function written(call: RecordedCall): string {
  const span = ({ from, to }: { from: number; to: number }) => ({ from: instant(from), to: instant(to) });
  const { started, ended, segments, paused } = call;
  return JSON.stringify({
    ...call,
    started: started === null ? null : instant(started),
    ended: instant(ended),
    segments: segments.map(span),
    paused: paused.map(span),
  });
}

const instant = (ms: number) => new Date(ms).toISOString();

test("the truth has every call once, with its pauses taken out", () => {
  const truth = truthOf();
  expect(new Set(truth.map((call) => call.call_id)).size).toBe(truth.length);
  expect(truth.length).toBeGreaterThan(30);
  const paused = truth.find((call) => call.paused.length > 0)!;
  expect(paused.segments.length).toBe(paused.paused.length + 1);
  expect(paused.segments[0]).toEqual({ from: paused.started, to: paused.paused[0]!.from });
});

test("the truth knows no other events", () => {
  expect(() => new Truth(centre).observe({ callId: "stranger", receivedMs: 0 })).toThrow("posted no such event");
});

describe("a recorder", () => {
  const truth = truthOf();
  const lines = truth.map(written);

  test("that wrote what happened is right, and may repeat its last line after each kill", () => {
    expect(compare(lines, truth, 0)).toMatchObject({ calls: truth.length, repeated: 0, problems: [] });
    const again = [...lines.slice(0, 5), lines[4]!, ...lines.slice(5)];
    expect(compare(again, truth, 1)).toMatchObject({ repeated: 1, problems: [] });
    expect(compare(again, truth, 0).problems).toHaveLength(1);
  });

  test("that lost a call, or a pause of one, is wrong", () => {
    expect(compare(lines.toSpliced(3, 1), truth, 0).problems).not.toEqual([]);
    const at = truth.findIndex((call) => call.paused.length > 0);
    const unpaused = written({ ...truth[at]!, paused: [] });
    expect(compare(lines.with(at, unpaused), truth, 0).problems).toHaveLength(2);
  });
});
