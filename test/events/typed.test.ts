/** Typed events, and what makes two events equal in content. */
import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { TimestampSchema, type Value } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { AgentEventSchema, CallEventSchema, ChatEventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { CallState } from "../../gen/ts/callwire/v1/state_pb.ts";
import { acceptTyped } from "../../src/events/accept-typed.ts";
import type { EventPayload } from "../../src/events/accepted-event.ts";
import { contentDigestInput } from "../../src/events/content.ts";
import { eventOf, limits } from "./normalised.ts";

type CallInit = Parameters<typeof create<typeof CallEventSchema>>[1];

function call(init: CallInit): EventPayload {
  return { case: "call", value: create(CallEventSchema, init) };
}

function accepted(payload: EventPayload, eventTime = undefined as ReturnType<typeof time> | undefined) {
  const item = acceptTyped(payload, eventTime, limits);
  if (!item.ok) throw new Error(item.rejection.message);
  return item.event;
}

function time(seconds: bigint, nanos = 0) {
  return create(TimestampSchema, { seconds, nanos });
}

function value(kind: Value["kind"]): Value {
  return { $typeName: "google.protobuf.Value", kind };
}

describe("typed events", () => {
  test.each<EventPayload>([
    { case: "agent", value: create(AgentEventSchema, { participantId: "1", email: "a@b" }) },
    call({ callId: "1", state: CallState.HELD, participants: [{ participantId: "2" }, {}] }),
    { case: "chat", value: create(ChatEventSchema, { chatId: "1", sessionType: "In-web" }) },
  ])("$case is taken as it is", (payload) => {
    expect(accepted(payload, time(5n))).toEqual({
      payload,
      sourceEventId: "",
      eventTime: time(5n),
      rawJson: "",
      notes: [],
    });
  });

  test.each<[string, EventPayload]>([
    ["call.call_id", call({ callId: "x".repeat(257) })],
    ["call.queue_uuid", call({ queueUuid: "\n" })],
    ["call.participants[1].participant_id", call({ participants: [{}, { participantId: "\u0000" }] })],
    ["chat.chat_id", { case: "chat", value: create(ChatEventSchema, { chatId: "\u007f" }) }],
    ["agent.participant_id", { case: "agent", value: create(AgentEventSchema, { participantId: "a\tb" }) }],
  ])("%s is checked", (path, payload) => {
    const item = acceptTyped(payload, undefined, limits);
    expect(item).toMatchObject({ ok: false, raw: "", rejection: { reason: "INVALID_ID" } });
    expect(!item.ok && item.rejection.message.startsWith(`${path} `)).toBe(true);
  });

  test("one that is too large is refused", () => {
    const item = acceptTyped(call({ initiator: "x".repeat(limits.maxEventBytes) }), undefined, limits);
    expect(item).toMatchObject({ ok: false, rejection: { reason: "EVENT_TOO_LARGE" } });
  });

  test.each<[string, Parameters<typeof call>[0]]>([
    ["call.participants", { participants: Array(1_001).fill({}) }],
    ["call.queue_path_ids", { queuePathIds: Array(65).fill("1") }],
    ["call.queue_path_names", { queuePathNames: ["a".repeat(4_096)] }],
  ])("%s is bounded", (path, session) => {
    const item = acceptTyped(call(session), undefined, limits);
    expect(item).toMatchObject({ ok: false, rejection: { reason: "EVENT_TOO_LARGE" } });
    expect(!item.ok && item.rejection.message.startsWith(`${path} has `)).toBe(true);
  });

  test("times that no reader can print are left out and noted", () => {
    const payload = call({ callId: "1", connectedTime: time(10n ** 12n), endTime: time(0n, -1) });
    const event = accepted(payload, time(-(10n ** 12n)));
    expect(event).toMatchObject({ eventTime: undefined, notes: ["FIELD_IGNORED", "EVENT_TIME_INVALID"] });
    expect(() => event.payload.case === "call" && toJson(CallEventSchema, event.payload.value)).not.toThrow();
  });

  test("custom data that JSON cannot hold becomes what it can", () => {
    const values = [value({ case: "numberValue", value: Number.NaN }), value({ case: undefined })];
    const headers = value({ case: "listValue", value: { $typeName: "google.protobuf.ListValue", values } });
    const { payload } = accepted(call({ customHeaders: headers }));
    expect(payload.case === "call" && toJson(CallEventSchema, payload.value)).toEqual({ customHeaders: ["NaN", null] });
  });

  test("participants that are there were not left out", () => {
    const { payload } = accepted(call({ participants: [{}], participantsOmitted: true }));
    expect(payload.value).toHaveProperty("participantsOmitted", false);
  });
});

describe("content", () => {
  const jsonContent = (json: string) => contentDigestInput(eventOf(json));
  test("of JSON ignores the order of keys and white space", () => {
    expect(jsonContent('{"call_id":1,"x":{"b":[1,{"d":1,"c":2}],"a":"ä"}}')).toBe(
      jsonContent(' { "x" : { "a":"\\u00e4", "b": [ 1, {"c":2,"d":1.0} ] },\n"call_id":1}'),
    );
  });
  test.each([
    ["values", '{"call_id":1,"x":1}', '{"call_id":1,"x":2}'],
    ["the order of arrays", '{"call_id":1,"x":[1,2]}', '{"call_id":1,"x":[2,1]}'],
    ["objects from arrays of pairs", '{"call_id":1,"x":{"a":1}}', '{"call_id":1,"x":[["a",1]]}'],
    ["the last digits of integers", '{"call_id":9007199254740993}', '{"call_id":9007199254740992}'],
    ["null from absent", '{"call_id":1,"x":null}', '{"call_id":1}'],
    ["keys that look like indices", '{"call_id":1,"10":1,"9":2}', '{"call_id":1,"10":2,"9":1}'],
  ])("of JSON tells %s apart", (_, one, other) => expect(jsonContent(one)).not.toBe(jsonContent(other)));

  test("of typed events compares payload and time", () => {
    const content = (init: CallInit, at?: bigint) =>
      contentDigestInput(accepted(call(init), at === undefined ? undefined : time(at)));
    expect(content({ callId: "1" }, 5n)).toEqual(content({ callId: "1" }, 5n));
    expect(content({ callId: "1" }, 5n)).not.toEqual(content({ callId: "1" }, 6n));
    expect(content({ callId: "1" })).not.toEqual(content({ callId: "2" }));
  });

  test("of typed events ignores the order of custom data", () => {
    const one = value({ case: "boolValue", value: true });
    const headers = (fields: Record<string, Value>) =>
      value({ case: "structValue", value: { $typeName: "google.protobuf.Struct", fields } });
    const content = (customHeaders: Value) => contentDigestInput(accepted(call({ customHeaders })));
    expect(content(headers({ a: one, b: one }))).toEqual(content(headers({ b: one, a: one })));
    expect(content(headers({ a: one }))).not.toEqual(content(headers({ b: one })));
  });

  test("survives the encoding of the payload", () => {
    const event = accepted(call({ callId: "1", participants: [{ participantId: "2" }] }));
    const decoded = fromBinary(CallEventSchema, toBinary(CallEventSchema, event.payload.value as never));
    expect(contentDigestInput(accepted({ case: "call", value: decoded }))).toEqual(contentDigestInput(event));
  });
});
