/** The contradictions of the source's documents, by their number in the table of docs/ccai-events.md. */
import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { CallState, ParticipantState } from "../../gen/ts/callwire/v1/state_pb.ts";
import { callOf, chatOf, eventOf, qmCall, rejectionOf } from "./normalised.ts";

describe("7: Queue_uuid is documented as a UUID and sent as a number", () => {
  test.each([
    [3, "3"],
    ["3", "3"],
    ["7b0e0a5c-9d3f-4a76-8a55-1d6a0f1d2c3b", "7b0e0a5c-9d3f-4a76-8a55-1d6a0f1d2c3b"],
    [null, ""],
  ])("%j", (sent, text) => expect(callOf(qmCall({ Queue_uuid: sent })).queueUuid).toBe(text));

  test.each([true, {}, [3]])("%j is ignored and noted", (sent) => {
    const event = eventOf(qmCall({ Queue_uuid: sent }));
    expect(event.payload.value).toHaveProperty("queueUuid", "");
    expect(event.notes).toEqual(["FIELD_IGNORED"]);
  });
});

test("8: incoming-only fields are read from outgoing calls too", () => {
  const call = callOf(qmCall({ Direction: "outgoing", Queue_path_ids: "1/2", Language: "en", Queue_uuid: 3 }));
  expect(call).toMatchObject({ queuePathIds: ["1", "2"], language: "en", queueUuid: "3" });
});

test("9: what is left out is unset", () => {
  const call = callOf({ type: "CallState", item: {} });
  expect(call).toMatchObject({
    callId: "",
    recordingPermitted: undefined,
    queuePathIds: [],
    participantsOmitted: true,
  });
});

test("10: the initiator is whoever the event says", () => {
  expect(callOf(qmCall({ Direction: "outgoing", Initiator: 1234 })).initiator).toBe("1234");
});

test("11: a media id is read beside the participants and in them", () => {
  const call = callOf(qmCall({ MediaID: "a@b", Participants: [{ media_id: "MB1" }, { MediaID: "MB2" }] }));
  expect([call.mediaId, ...call.participants.map(({ mediaId }) => mediaId)]).toEqual(["a@b", "MB1", "MB2"]);
});

describe("13: Participants is documented as an object and sent as an array", () => {
  const ids = (sent: unknown) => {
    const { participants, participantsOmitted } = callOf(qmCall({ Participants: sent }));
    return { ids: participants.map(({ participantId }) => participantId), omitted: participantsOmitted };
  };
  test("a lone object is a list of one", () =>
    expect(ids({ ParticipantID: "1" })).toEqual({ ids: ["1"], omitted: false }));
  test("an empty list says that nobody is left", () => expect(ids([])).toEqual({ ids: [], omitted: false }));
  test("null says nothing", () => expect(ids(null)).toEqual({ ids: [], omitted: true }));
  test("a missing list says nothing", () => expect(callOf(qmCall({})).participantsOmitted).toBe(true));
  test("what is no object is skipped and noted", () => {
    expect(ids([null, "1", { ParticipantID: "2" }])).toEqual({ ids: ["2"], omitted: false });
    expect(ids("1,2")).toEqual({ ids: [], omitted: true });
    expect(eventOf(qmCall({ Participants: [null] })).notes).toEqual(["FIELD_IGNORED"]);
  });
});

test("14: a dialled party that is already connected is left as reported", () => {
  const call = callOf(qmCall({ State: "dialing", Participants: [{ State: "connected" }] }));
  expect([call.state, call.participants[0]!.state]).toEqual([CallState.DIALING, ParticipantState.CONNECTED]);
});

test("17: several participants may have no id", () => {
  const call = callOf(qmCall({ Participants: [{ ParticipantID: null }, {}, { ParticipantID: "" }] }));
  expect(call.participants.map(({ participantId }) => participantId)).toEqual([undefined, undefined, undefined]);
});

describe("18: ids are text or numbers", () => {
  test.each([
    ['"846802bf90d1"', "846802bf90d1"],
    ['"call_123"', "call_123"],
    ["987", "987"],
    ["9007199254740993", "9007199254740993"],
    ["-9007199254740993", "-9007199254740993"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ['" 7 "', " 7 "],
  ])("%s", (sent, text) => {
    expect(callOf(`{"call_id":${sent}}`).callId).toBe(text);
    expect(chatOf(`{"chat_id": ${sent} }`).chatId).toBe(text);
    expect(callOf(`{"call_id":1,"participants":[{"id":${sent}}]}`).participants[0]!.participantId).toBe(text);
    expect(eventOf(`{"call_id":1,"event_id":\n${sent}}`).sourceEventId).toBe(text);
  });
});

test("20 and 21: prefixed ids are kept as they are", () => {
  const chat = chatOf({ chat_id: 1, initiator: "virtual_agent_15", participants: [{ dn: "agent_1" }] });
  expect([chat.initiator, chat.participants[0]!.participantId]).toEqual(["virtual_agent_15", "agent_1"]);
});

describe("22: Custom_headers has no documented shape", () => {
  test.each([
    [{ "X-Account": "7", nested: { list: [1, true, null, "x"] } }],
    [[["X-Account", "7"]]],
    ["X-Account: 7"],
    [false],
    [[]],
  ])("%j", (sent) => {
    const { customHeaders } = callOf(qmCall({ Custom_headers: sent }));
    expect(toJson(ValueSchema, customHeaders!)).toEqual(sent);
  });

  test("null is as good as none", () => expect(callOf(qmCall({ Custom_headers: null })).customHeaders).toBe(undefined));
});

test.each([
  "agent number",
  "agent_number",
  "Agent_number",
  "AgentNumber",
  "agent-number",
])("23: %s is the agent's number at every level", (key) => {
  expect(callOf(qmCall({ [key]: "1660" })).agentNumber).toBe("1660");
  expect(callOf({ ...qmCall({}), [key]: 1660 }).agentNumber).toBe("1660");
  expect(callOf(qmCall({ Participants: [{ [key]: "1660" }] })).participants[0]!.agentNumber).toBe("1660");
  expect(chatOf({ chat_id: 1, [key]: "1660" }).agentNumber).toBe("1660");
});

describe("24: feeds spell their keys differently", () => {
  test.each([
    { CallID: "1", State: "held", MediaID: "m", Participants: [] },
    { call_id: "1", state: "held", media_id: "m", participants: [] },
    { "call id": "1", STATE: "held", "media-id": "m", PARTICIPANTS: [] },
  ])("%j", (item) => {
    const expected = { callId: "1", state: CallState.HELD, mediaId: "m", participantsOmitted: false };
    expect(callOf({ type: "CallState", item })).toMatchObject(expected);
    expect(callOf({ TYPE: "call_state", Item: item })).toMatchObject(expected);
    expect(callOf(item)).toMatchObject(expected);
  });

  test("of two keys that mean the same, order does not decide", () => {
    const { callId } = callOf({ call_id: "b", CallID: "a" });
    expect(callId).toBe("a");
    expect(callOf({ CallID: "a", call_id: "b" }).callId).toBe("a");
    expect(callOf({ CallID: null, call_id: "b" }).callId).toBe("b");
    expect(callOf({ call_id: "b", CallID: null }).callId).toBe("b");
  });
});

describe("25: the shape tells the feed", () => {
  test.each([
    ["type and item", { type: "CallState", item: {} }, "call"],
    ["type and item of an agent", { type: "agentstate", item: {} }, "agent"],
    ["call_id at the root", { call_id: 1 }, "call"],
    ["chat_id at the root", { chat_id: 1 }, "chat"],
    ["call_id in an item", { event_id: "e", item: { CallID: 1 } }, "call"],
    ["chat_id in an item", { event_id: "e", item: { chat_id: 1 } }, "chat"],
    ["an id beside a type of its own", { type: "call.updated", call_id: 1, item: {} }, "call"],
    ["a null call_id beside a chat_id", { call_id: null, chat_id: 1 }, "chat"],
  ])("%s", (_, json, kind) => expect(eventOf(json).payload.case).toBe(kind));

  test.each([
    ["nothing", {}, "NOT_AN_EVENT"],
    ["an empty call_id", { call_id: "" }, "NOT_AN_EVENT"],
    ["a null chat_id", { chat_id: null }, "NOT_AN_EVENT"],
    ["a type without an item", { type: "CallState" }, "NOT_AN_EVENT"],
    ["an item that is no object", { type: "AgentState", item: "x" }, "NOT_AN_EVENT"],
    ["an item without an id or type", { item: { State: "held" } }, "NOT_AN_EVENT"],
    ["another type", { type: "QueueState", item: { CallID: 1 } }, "UNKNOWN_EVENT_TYPE"],
    ["a type that is no text", { type: 7, item: { CallID: 1 } }, "UNKNOWN_EVENT_TYPE"],
    ["an id that is no text or number", { call_id: true }, "INVALID_ID"],
  ])("%s is no event", (_, json, reason) => expect(rejectionOf(json).reason).toBe(reason));
});

test("28: null is as good as absent", () => {
  expect(chatOf({ chat_id: 1, support_number: null })).toEqual(chatOf({ chat_id: 1 }));
});

test("29: the session type is an open text", () => {
  expect(chatOf({ chat_id: 1, session_type_v2: "Messaging Inbound (Web Chat)" }).sessionType).toContain("Web Chat");
});

describe("35: recording permission is a boolean here and a word there", () => {
  test.each([
    [true, true],
    [false, false],
    ["True", true],
    ["FALSE", false],
    ["granted", true],
    ["Denied", false],
    [null, undefined],
    ["", undefined],
    ["unknown", undefined],
    [1, undefined],
    [{}, undefined],
  ])("%j", (sent, permitted) => {
    expect(callOf(qmCall({ Recording_permitted: sent })).recordingPermitted).toBe(permitted);
    expect(callOf(qmCall({ recording_permission: sent })).recordingPermitted).toBe(permitted);
  });
});
