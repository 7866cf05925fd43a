/** Webhook bodies and JSON items: encoding, depth, size, batches, and the exact text of each event. */
import { toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { CallEventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { normaliseBody } from "../../src/events/normalise-body.ts";
import { normaliseJsonItem } from "../../src/events/normalise-item.ts";
import { bodyRejection, callOf, eventOf, itemsOf, limits, rejectionOf } from "./normalised.ts";

const encoder = new TextEncoder();
const reasonOf = (json: string, within = limits) => {
  const item = normaliseJsonItem(json, within);
  return item.ok ? "accepted" : item.rejection.reason;
};

describe("encoding", () => {
  test("a byte order mark is accepted and is no part of the event", () => {
    expect(eventOf('\ufeff{"call_id":1}').rawJson).toBe('{"call_id":1}');
    expect(normaliseJsonItem('\ufeff {"call_id":1}', limits)).toMatchObject({ event: { rawJson: '{"call_id":1}' } });
  });

  test.each([
    ["a lone continuation byte", [0x80], 12],
    ["an overlong slash", [0xc0, 0xaf], 12],
    ["a surrogate", [0xed, 0xa0, 0x80], 12],
    ["a replacement character before it", [0xef, 0xbf, 0xbd, 0xff], 15],
  ])("%s is refused with its position", (_, bytes, at) => {
    const body = new Uint8Array([...encoder.encode('{"call_id":"'), ...bytes, ...encoder.encode('"}')]);
    expect(bodyRejection(body)).toEqual({ reason: "INVALID_UTF8", message: `the body is not UTF-8 at byte ${at}` });
  });

  test("half a surrogate pair, in whatever place, becomes a replacement character", () => {
    const call = callOf(
      '{"call_id":"\\ud800","initiator":"\\udc00","queue_path_ids":"\\ud800/1","custom_headers":{"\\ud800":"\\ud800"},' +
        '"participants":[{"id":"\\ud800","name":"\\ud800","state":"\\ud800"}]}',
    );
    expect(call).toMatchObject({ callId: "\ufffd", initiator: "\ufffd", queuePathIds: ["\ufffd", "1"] });
    expect(() => toBinary(CallEventSchema, call)).not.toThrow();
    expect(normaliseJsonItem('{"call_id":"\ud800"}', limits)).toMatchObject({
      event: { rawJson: '{"call_id":"\ufffd"}', payload: { value: { callId: "\ufffd" } } },
    });
  });
});

describe("malformed JSON is refused with its position", () => {
  test.each([
    ["", "position 0 (line 1, column 1): expected a value, found the end"],
    ["  ", "position 2 (line 1, column 3): expected a value, found the end"],
    ['{"a":x}', 'position 5 (line 1, column 6): expected a value, found "x"'],
    ['{"a":1,}', 'position 7 (line 1, column 8): expected a key, found "}"'],
    ['{\n"a" 1}', "position 6 (line 2, column 5): expected ':', found \"1\""],
    ["[1 2]", "position 3 (line 1, column 4): expected ',' or ']', found \"2\""],
    ['{"a":1', "position 6 (line 1, column 7): expected ',' or '}', found the end"],
    ['["a', "position 3 (line 1, column 4): expected the rest of a string, found the end"],
    ['["\t"]', 'position 2 (line 1, column 3): expected the rest of a string, found "\\t"'],
    ["[01]", "position 2 (line 1, column 3): expected ',' or ']', found \"1\""],
    ["{} {}", 'position 3 (line 1, column 4): expected nothing more, found "{"'],
    ["{'a':1}", "position 1 (line 1, column 2): expected a key or '}', found \"'\""],
  ])("%j", (body, where) => {
    expect(bodyRejection(body)).toEqual({ reason: "MALFORMED_JSON", message: `not JSON at ${where}` });
    expect(reasonOf(body)).toBe("MALFORMED_JSON");
  });
});

describe("depth", () => {
  const nested = (levels: number) => `{"call_id":1,"x":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
  test("64 levels are accepted, 65 are not", () => {
    expect(eventOf(nested(64)).payload.value).toHaveProperty("callId", "1");
    expect(bodyRejection(nested(65)).reason).toBe("TOO_DEEP");
    expect(reasonOf(nested(65))).toBe("TOO_DEEP");
  });
  test("a million levels exhaust no stack", () => expect(bodyRejection("[".repeat(1_000_000)).reason).toBe("TOO_DEEP"));
  test("brackets in strings are no levels", () => {
    expect(eventOf(JSON.stringify({ call_id: 1, x: '\\"{[{['.repeat(100), y: [[1]] })).notes).toEqual([]);
  });
  test("many flat objects are not deep", () => {
    expect(itemsOf(`[${Array(500).fill('{"call_id":1,"x":[{}]}')}]`)).toHaveLength(500);
  });
});

describe("custom data can be decoded by every reader", () => {
  test("what is deeper than Protobuf readers go is carried as JSON text", () => {
    const call = callOf(`{"call_id":1,"custom_headers":${'{"a":'.repeat(60)}1${"}".repeat(60)}}`);
    let value = call.customHeaders!;
    let levels = 0;
    for (; value.kind.case === "structValue"; levels++) value = value.kind.value.fields.a!;
    expect(levels).toBe(24);
    expect(value.kind).toEqual({ case: "stringValue", value: `${'{"a":'.repeat(36)}1${"}".repeat(36)}` });
  });
  test("what would grow beyond what can be delivered is carried as JSON text", () => {
    const call = callOf({ call_id: 1, custom_headers: Array(300_000).fill(0) });
    expect(call.customHeaders!.kind.case).toBe("stringValue");
    expect(toBinary(CallEventSchema, call).length).toBeLessThan(limits.maxEventBytes);
  });
  test("numbers that no double holds keep their digits as text", () => {
    const call = callOf('{"call_id":1,"custom_headers":[1e400,12345678901234567890,1.5]}');
    const { kind: list } = call.customHeaders!;
    const values = list.case === "listValue" ? list.value.values : [];
    expect(values.map(({ kind }) => kind.value)).toEqual(["1e400", "12345678901234567890", 1.5]);
  });
});

describe("size", () => {
  const small = { ...limits, maxEventBytes: 100 };
  const padded = (text: string) => JSON.stringify({ call_id: 1, x: text });
  test("counts bytes of UTF-8 and refuses only the event that is too large", () => {
    const items = itemsOf(`[${padded("ä".repeat(40))},${padded("ä".repeat(41))},${padded("x")}]`, small);
    expect(items.map((item) => item.ok || item.rejection.reason)).toEqual([true, "EVENT_TOO_LARGE", true]);
    expect(items[1]).toMatchObject({ raw: padded("ä".repeat(41)) });
    expect(reasonOf(padded("x".repeat(100)), small)).toBe("EVENT_TOO_LARGE");
  });
  test.each([
    ["participants", "participants", { participants: Array(1_001).fill({}) }, { participants: Array(1_000).fill({}) }],
    [
      "a path as a text",
      "queue_path_names",
      { queue_path_names: "a/".repeat(65) },
      { queue_path_names: "a/".repeat(64) },
    ],
    [
      "a path as a list",
      "queue_path_ids",
      { queue_path_ids: Array(65).fill(1) },
      { queue_path_ids: Array(64).fill(1) },
    ],
    [
      "a long path",
      "queue_path_names",
      { queue_path_names: `b/${"a".repeat(4_094)}` },
      { queue_path_names: `b/${"a".repeat(4_093)}` },
    ],
  ])("bounds %s", (_, field, tooMuch, most) => {
    expect(itemsOf(JSON.stringify({ call_id: 1, ...most }))[0]).toMatchObject({ ok: true });
    const text = JSON.stringify({ call_id: 1, ...tooMuch });
    const item = itemsOf(text)[0]!;
    expect(item).toMatchObject({ ok: false, raw: text, rejection: { reason: "EVENT_TOO_LARGE" } });
    expect(!item.ok && item.rejection.message).toContain(`call.${field} has `);
    expect(itemsOf(text, { ...limits, wasAccepted: true })[0]).toMatchObject({ ok: true });
  });
  test("a batch of too many events is refused as a whole", () => {
    const batch = (count: number) => Buffer.from(JSON.stringify({ events: Array(count).fill({ call_id: 1 }) }));
    expect(normaliseBody(batch(1_000), limits)).toMatchObject({ ok: true });
    const rejection = {
      reason: "TOO_MANY_ITEMS",
      message: "the batch has 1001 events, more than 1000 (limits.max_body_items)",
    };
    expect(normaliseBody(batch(1_001), limits)).toEqual({ ok: false, rejection });
  });
  test("white space around a lone event does not count", () =>
    expect(itemsOf(`${" ".repeat(200)}{"call_id":1}`, small)[0]!.ok).toBe(true));
});

describe("batches", () => {
  const elements = [
    '{ "call_id" : 1 ,\r\n "x":"]},{[\\"" }',
    '{"chat_id":2,"y":[[],{"a":{}}]}',
    '{"type":"AgentState",\t"item":{"ParticipantID":"ä😀"}}',
    '{"item":{"call_id":12345678901234567890}}',
  ];
  const odd = `\n${elements.join(" ,\r\n\t")} `;

  test.each([
    ["an array", `[${odd}]`],
    ["an envelope", `{"count":4,"events":[${odd}]}`],
    ["an envelope in another order and case", ` { "Events" : [${odd}] , "x":{"events":[1]}, "COUNT" : "4" } `],
    ["an envelope with an escaped key", `{"\\u0065vents":[${odd}]}`],
    ["an envelope whose key stands twice", `{"events":[1,2],"events":[${odd}]}`],
    ["an envelope with a null rival", `{"EVENTS":null,"events":[${odd}],"count":null}`],
  ])("%s keeps the exact text of each event", (_, body) => {
    const normalised = normaliseBody(encoder.encode(body), limits);
    if (!normalised.ok) throw new Error(normalised.rejection.message);
    expect(normalised.notes).toEqual([]);
    expect(normalised.items.map((item) => item.ok && item.event.rawJson)).toEqual(elements);
  });

  test("each element stands for itself", () => {
    const items = itemsOf('[ {"call_id":1}, 7, null , [], "x",{}, {"events":[{"call_id":1}]}, {"call_id":{}} ]');
    expect(items.map((item) => (item.ok ? "ok" : `${item.rejection.reason} ${item.raw}`))).toEqual([
      "ok",
      "NOT_AN_EVENT 7",
      "NOT_AN_EVENT null",
      "NOT_AN_EVENT []",
      'NOT_AN_EVENT "x"',
      "NOT_AN_EVENT {}",
      'NOT_AN_EVENT {"events":[{"call_id":1}]}',
      'INVALID_ID {"call_id":{}}',
    ]);
  });

  test("a count that differs is noted, and the array is trusted", () => {
    expect(normaliseBody(encoder.encode('{"count":3,"events":[{"call_id":1}]}'), limits)).toMatchObject({
      items: [{ ok: true }],
      notes: ["COUNT_MISMATCH"],
    });
  });

  test.each(["[]", '{"count":0,"events":[]}', "7", "null", '"x"', "true"])("%s holds no event", (body) =>
    expect(bodyRejection(body).reason).toBe("NO_EVENT"));
});

describe("an item of PublishEvents", () => {
  test.each([
    "[]",
    '{"events":[]}',
    '[{"call_id":1},{"call_id":2}]',
    '{"count":2,"events":[{},{}]}',
  ])("%s is not one event", (json) => expect(reasonOf(json)).toBe("NOT_ONE_EVENT"));
  test.each([
    '{"call_id":1}',
    '[ {"call_id":1} ]',
    '{"count":1,"events":[{"call_id":1}]}',
    ' {"call_id":1}\n',
  ])("%s is one event", (json) =>
    expect(normaliseJsonItem(json, limits)).toMatchObject({ event: { rawJson: '{"call_id":1}', notes: [] } }));
  test("a wrong count is noted with the event", () => {
    const item = normaliseJsonItem('{"count":2,"events":[{"call_id":1,"state":"odd"}]}', limits);
    expect(item).toMatchObject({ event: { notes: ["UNKNOWN_STATE", "COUNT_MISMATCH"] } });
  });
  test.each(["7", "null", "[7]"])("%s is none", (json) => expect(reasonOf(json)).toBe("NOT_AN_EVENT"));
});

describe("ids that could not serve as keys are refused by their path", () => {
  const long = "ä".repeat(129);
  test.each([
    [{ call_id: long }, "call_id is longer than 256 bytes"],
    [{ chat_id: "a\nb" }, "chat_id has a control character"],
    [{ call_id: ["1"] }, "call_id is neither text nor a number"],
    [{ call_id: 1, Event_ID: "\u007f" }, "Event_ID has a control character"],
    [{ call_id: 1, event_id: {} }, "event_id is neither text nor a number"],
    [{ call_id: 1, queue_uuid: "\u0000" }, "queue_uuid has a control character"],
    [{ type: "CallState", item: { CallID: false } }, "item.CallID is neither text nor a number"],
    [{ type: "AgentState", item: { ParticipantID: long } }, "item.ParticipantID is longer than 256 bytes"],
    [
      { type: "CallState", item: { Participants: [null, { ParticipantID: true }] } },
      "item.Participants[1].ParticipantID is neither text nor a number",
    ],
    [{ chat_id: 1, participants: { dn: "\t" } }, "participants.dn has a control character"],
  ])("%#: %j", (json, message) => expect(rejectionOf(json)).toEqual({ reason: "INVALID_ID", message }));

  test("256 bytes are accepted", () => expect(callOf({ call_id: "ä".repeat(128) }).callId).toHaveLength(128));
});

describe("keys that are special in JavaScript are harmless", () => {
  test.each([
    '{"call_id":1,"__proto__":{"state":"held"},"constructor":null,"toString":[]}',
    '{"__proto__":null,"call_id":1}',
    '{"call_id":1,"hasOwnProperty":1,"participants":[]}',
  ])("%s", (json) => expect(callOf(json)).toMatchObject({ callId: "1", state: 0 }));

  test("also in custom data", () => {
    const { customHeaders } = callOf('{"call_id":1,"custom_headers":{"__proto__":{"polluted":true}}}');
    expect(customHeaders!.kind.case === "structValue" && Object.keys(customHeaders!.kind.value.fields)).toEqual([
      "__proto__",
    ]);
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("paths of queues", () => {
  test.each([
    ["1/2/3", ["1", "2", "3"]],
    ["/1//2/", ["1", "2"]],
    ["", []],
    [7, ["7"]],
    [
      [1, "a/b", ""],
      ["1", "a/b"],
    ],
    [null, []],
  ])("%j", (sent, segments) => {
    expect(callOf({ call_id: 1, queue_path_ids: sent, Queue_path_names: sent })).toMatchObject({
      queuePathIds: segments,
      queuePathNames: segments,
    });
  });
  test("what is no segment is left out and noted", () => {
    const event = eventOf({ call_id: 1, queue_path_ids: [1, {}, 2] });
    expect(event).toMatchObject({ payload: { value: { queuePathIds: ["1", "2"] } }, notes: ["FIELD_IGNORED"] });
  });
});
