import { create, type DescField, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CallEventSchema, type Event, EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { type Session, SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import type { EventPayload } from "../../src/events/accepted-event.ts";
import { encodePayload, writeEvent } from "../../src/events/encode-event.ts";
import { encodeSession } from "../../src/sessions/encode-session.ts";
import { WireWriter } from "../../src/wire/wire-writer.ts";
import { anyMessage, anyMessageOfFields } from "./any-message.ts";

function withoutFields(type: DescMessage, ...names: string[]): DescField[] {
  return type.fields.filter(({ name }) => !names.includes(name));
}

it("writes the same bytes as the general encoder, whatever the event", () => {
  const payload = EventSchema.oneofs[0]!;
  const fields = withoutFields(EventSchema, "session", "raw_json", "withheld").filter(
    (field) => field.oneof !== payload,
  );
  const anyPayload = fc.oneof(
    ...payload.fields.map((field) =>
      anyMessage(field.message!).map((value) => ({ case: field.localName, value }) as unknown as EventPayload),
    ),
  );
  const anyEvent = fc
    .tuple(anyMessageOfFields(EventSchema, fields) as fc.Arbitrary<Event>, anyPayload)
    .map(([event, value]) => ({ ...event, payload: value }));
  const writer = new WireWriter();
  fc.assert(
    fc.property(anyEvent, (event) => {
      const { offset, sessionOffset, receivedTime = create(TimestampSchema) } = event;
      const basic = { ...event, offset: Number(offset), sessionOffset: Number(sessionOffset), receivedTime };
      const times = { eventTime: event.eventTime, firstReceivedTime: event.firstReceivedTime };
      for (const encodedPayload of [undefined, encodePayload(event.payload)]) {
        writeEvent(writer, { ...basic, ...times, encodedPayload });
        expect(writer.take()).toEqual(toBinary(EventSchema, { ...event, receivedTime }));
      }
      const alone = create(EventSchema);
      alone.payload = event.payload;
      expect(encodePayload(event.payload)).toEqual(toBinary(EventSchema, alone));
    }),
    { numRuns: 300 },
  );
});

it("refuses a text that is no Unicode, and writes on after it", () => {
  const event = (callId: string): EventPayload => ({ case: "call", value: create(CallEventSchema, { callId }) });
  expect(() => encodePayload(event("\ud800x"))).toThrow("half of a surrogate pair");
  expect(encodePayload(event("ok"))).toEqual(Uint8Array.from([0x7a, 4, 0x0a, 2, 0x6f, 0x6b]));
});

it("writes the same bytes as the general encoder, whatever the session", () => {
  fc.assert(
    fc.property(anyMessage(SessionSchema) as fc.Arbitrary<Session>, (session) => {
      expect(encodeSession(session)).toEqual(toBinary(SessionSchema, session));
    }),
    { numRuns: 300 },
  );
});
