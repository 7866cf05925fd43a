/** A session is encoded as if anew with every event, however much of the encoding before is used again. */
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type CallEvent, CallEventSchema, type Participant } from "../../gen/ts/callwire/v1/event_pb.ts";
import { CallState, Direction, ParticipantState, ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { encodeSession, SessionEncoder } from "../../src/sessions/encode-session.ts";
import { expireSession, foldSessionEvent, sealSession } from "../../src/sessions/fold.ts";
import type { Moment } from "../../src/sessions/moment.ts";
import { newSession, type SessionState } from "../../src/sessions/session-state.ts";
import { WireWriter } from "../../src/wire/wire-writer.ts";

function enumOf<E extends number>(values: Record<string, string | E>): fc.Arbitrary<E> {
  return fc.constantFrom(...Object.values(values).filter((value) => typeof value === "number"));
}

const participant = fc.record({
  participantId: fc.constantFrom("1001", "1002", "+15550100", undefined),
  type: enumOf<ParticipantType>(ParticipantType),
  state: enumOf<ParticipantState>(ParticipantState),
  mediaId: fc.constantFrom("", "m1", "m2"),
}) as fc.Arbitrary<Participant>;

const fields = {
  state: enumOf<CallState>(CallState),
  direction: enumOf<Direction>(Direction),
  initiator: fc.constantFrom("", "+15550100", "ü".repeat(40)),
  queuePathIds: fc.constantFrom<string[]>([], ["1"], ["1", "2"]),
  queuePathNames: fc.constantFrom<string[]>([], ["orders"], ["orders", "Zürich"]),
  queueUuid: fc.constantFrom("", "q1", "q2"),
  language: fc.constantFrom("", "en", "de", "x".repeat(2_000)),
  recordingPermitted: fc.constantFrom(undefined, true, false),
  mediaId: fc.constantFrom("", "m1", "m3"),
  disposition: fc.constantFrom(undefined, { code: "done" }, { code: "" }),
  participants: fc.array(participant, { maxLength: 2 }),
  participantsOmitted: fc.boolean(),
};

/** What an event says otherwise than the one before: mostly a single thing. */
const difference = fc.oneof(
  ...Object.entries(fields).map(([name, values]) =>
    (values as fc.Arbitrary<unknown>).map((value) => ({ [name]: value })),
  ),
);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      difference,
      repeats: fc.nat(2),
      eventMs: fc.option(fc.nat(5), { freq: 8, nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom("expire" as const, "seal" as const) },
);

const emailOf = (id: string): string | undefined => (id === "1001" ? "a@example.com" : undefined);

function take(state: SessionState, event: CallEvent | "expire" | "seal", at: Moment): void {
  if (event === "expire") expireSession(state, at, emailOf);
  else if (event === "seal") sealSession(state, at, String);
  else foldSessionEvent(state, event, at, emailOf);
}

it("writes what the whole encoding is, after every event", () => {
  const writer = new WireWriter();
  fc.assert(
    fc.property(fc.record(fields), fc.array(step, { maxLength: 20 }), (first, steps) => {
      const state = newSession("call", "c", "ccai");
      const encoder = new SessionEncoder();
      let offset = 0n;
      const tell = (event: CallEvent | "expire" | "seal", eventMs?: number): void => {
        offset++;
        const eventTime = eventMs === undefined ? undefined : timestampFromMs(eventMs);
        take(state, event, { offset, receivedTime: timestampFromMs(Number(offset)), eventTime });
        encoder.write(writer, state);
        expect(Buffer.from(writer.take()).toString("hex")).toBe(
          Buffer.from(encodeSession(state.session)).toString("hex"),
        );
      };
      let said: object = { callId: "c", ...first };
      for (const one of steps) {
        if (typeof one === "string") {
          tell(one);
          continue;
        }
        said = { ...said, ...one.difference };
        for (let time = 0; time <= one.repeats; time++) tell(create(CallEventSchema, said), one.eventMs);
      }
    }),
    { numRuns: 1_000 },
  );
});
