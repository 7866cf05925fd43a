import { create, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import type { WatchCallsResponse } from "../../gen/ts/callwire/v1/call_pb.ts";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { SubscribeResponseSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { eventPieces, responseSegment } from "../../src/fanout/segment.ts";
import { CallView } from "../../src/rpc/call-view.ts";

const done = (): void => {};

/** The frames of events, each with the state of a session after it. */
function frame(offset: number, firstOffset: number, state: string): Uint8Array {
  const session = { sessionId: `c${firstOffset}`, firstOffset: BigInt(firstOffset), state };
  const event = create(EventSchema, { offset: BigInt(offset), session });
  return toBinary(SubscribeResponseSchema, create(SubscribeResponseSchema, { events: [event] }));
}

/** Changes as the live stream tells them: each in a response of its own. */
function tell(view: CallView, offset: number, firstOffset: number, state: string): void {
  view.write(eventPieces("proto", [frame(offset, firstOffset, state)], `0-${offset}`, undefined), done);
}

async function take(view: CallView): Promise<WatchCallsResponse[]> {
  view.end();
  return Array.fromAsync(view.responses());
}

const states = (responses: readonly WatchCallsResponse[]): string[] =>
  responses.map(({ sessions }) => sessions.map(({ sessionId, state }) => `${sessionId} ${state}`).join());

it("reads responses that come in one piece or in several", async () => {
  const view = new CallView();
  const whole = responseSegment("proto", { cursor: "0-9", notice: { case: "snapshotEnd", value: {} } });
  const pieces = eventPieces("proto", [frame(10, 1, "ringing"), frame(11, 2, "held")], "0-11", undefined);
  view.write([whole, ...pieces], done);
  const responses = await take(view);
  expect(responses.map(({ cursor }) => cursor)).toEqual(["0-9", "0-11"]);
  expect(states(responses)).toEqual(["", "c1 ringing,c2 held"]);
});

it("tells every change of a call while little waits", async () => {
  const view = new CallView();
  tell(view, 2, 1, "ringing");
  tell(view, 3, 1, "connected");
  tell(view, 4, 2, "ringing");
  expect(states(await take(view))).toEqual(["c1 ringing", "c1 connected,c2 ringing"]);
});

it("keeps only the latest state of each call while much waits", async () => {
  const view = new CallView();
  const changes = 500;
  for (let change = 0; change < changes; change++) {
    for (const call of [1, 2, 3]) tell(view, 10 * change + call, call, `s${change}`);
  }
  const responses = await take(view);
  expect(responses.length).toBeLessThan(100);
  const latest = new Map(
    responses.flatMap(({ sessions }) => sessions.map(({ sessionId, state }) => [sessionId, state])),
  );
  expect([...latest.values()]).toEqual(Array(3).fill(`s${changes - 1}`));
  expect(responses.at(-1)!.cursor).toBe(`0-${10 * (changes - 1) + 3}`);
});
