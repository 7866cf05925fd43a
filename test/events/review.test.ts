/** A second reader's cases: every published payload in the disguises that a feed may give it, and what was once misread. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { CallEventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { CallState, ChatState, ParticipantState, ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { acceptTyped } from "../../src/events/accept-typed.ts";
import { normaliseJsonItem } from "../../src/events/normalise-item.ts";
import { agentOf, callOf, chatOf, eventOf, itemsOf, limits, qmCall, rejectionOf } from "./normalised.ts";

type Json = Record<string, unknown>;

const folder = join(import.meta.dirname, "../payloads");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const payloadIn = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Json;

function deep(json: unknown, change: (entries: [string, unknown][]) => [string, unknown][]): unknown {
  if (Array.isArray(json)) return json.map((element) => deep(element, change));
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(change(Object.entries(json).map(([key, value]) => [key, deep(value, change)])));
}

function respell(spelling: (key: string) => string) {
  return (json: Json) => deep(json, (entries) => entries.map(([key, value]) => [spelling(key), value]));
}

function revalue(change: (value: unknown, key: string) => unknown) {
  return (json: Json) => deep(json, (entries) => entries.map(([key, value]) => [key, change(value, key)]));
}

const snake = (key: string) => key.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
/** Names of the same things that no payload uses; null says nothing. */
const nulls = {
  status: null,
  end_user_id: null,
  agent: null,
  agent_id: null,
  dispositions: null,
  "agent number": null,
};

const disguises: Record<string, (json: Json) => unknown> = {
  "snake case": respell(snake),
  "lower case": respell((key) => key.toLowerCase()),
  "upper case": respell((key) => key.toUpperCase()),
  "spaces for underscores": respell((key) => snake(key).replaceAll("_", " ")),
  "another order": (json) => deep(json, (entries) => entries.reverse()),
  "nulls for what may be there": (json) => deep(json, (entries) => [...entries, ...Object.entries(nulls)]),
  "empty rivals": (json) =>
    deep(json, (entries) => [...entries.map(([key]): [string, unknown] => [key.toUpperCase(), ""]), ...entries]),
  "unknown keys": (json) => deep(json, (entries) => [["x_new", { State: "held", CallID: "no" }], ...entries]),
  "upper case words": revalue((value, key) =>
    /^(type|state|direction)$/i.test(key) && typeof value === "string" ? value.toUpperCase() : value,
  ),
  "numbers as text": revalue((value) => (typeof value === "number" ? String(value) : value)),
  "ids as numbers": revalue((value) => (value === "1234" || value === "4321" ? Number(value) : value)),
  "booleans as text": revalue((value) => (typeof value === "boolean" ? String(value) : value)),
  "paths as lists": revalue((value, key) =>
    /path/i.test(key) && typeof value === "string" ? value.split("/") : value,
  ),
  "an envelope": (json) => ({ count: 1, events: [json] }),
  "a list": (json) => [json],
};

describe.each(files)("%s", (file) => {
  const plain = eventOf(payloadIn(file));
  test.each(Object.entries(disguises))("in %s", (_, disguise) => {
    const { payload, notes } = eventOf(disguise(payloadIn(file)));
    expect({ payload, notes }).toEqual({ payload: plain.payload, notes: [] });
  });

  test("as an external session event with an id and a time", () => {
    const json = { event_id: "e", timestamp: 1735787045123, ...payloadIn(file) };
    const { payload, sourceEventId, eventTime } = eventOf({ count: 1, events: [json] });
    expect(payload).toEqual(plain.payload);
    expect({ sourceEventId, seconds: eventTime?.seconds }).toEqual({ sourceEventId: "e", seconds: 1735787045n });
  });

  test("without any one of its fields, save those that tell the feed", () => {
    const json = payloadIn(file);
    const inner = (json.item ?? json) as Json;
    for (const key of Object.keys(inner).filter((name) => name !== "chat_id")) {
      const { [key]: _, ...rest } = inner;
      const { payload } = eventOf(json.item === undefined ? rest : { ...json, item: rest });
      expect(payload.case, key).toBe(plain.payload.case);
    }
  });
});

describe("external session events: wherever a field stands, it is read", () => {
  const parties = [{ type: "External", status: "connected", dn: "+15550100" }];
  const outside = { event_id: "e", timestamp: 1, initiator: "agent_1", ends_at: "2025-01-02T03:04:05Z" };

  test("beside the item of a call, when the item has not got it", () => {
    const call = callOf({ ...outside, type: "CallState", call_id: 7, item: { State: "held", participants: parties } });
    expect(call).toMatchObject({ callId: "7", state: CallState.HELD, initiator: "agent_1" });
    expect(call.endTime?.seconds).toBe(1735787045n);
    expect(callOf({ initiator: "a", ...qmCall({ Initiator: "b" }) }).initiator).toBe("b");
  });

  test("never beside the item of an agent, where an id is the message's", () => {
    const agent = agentOf({ id: "message-1", type: "AgentState", item: { Email: "a@b", State: "login" } });
    expect(agent).toMatchObject({ participantId: "", email: "a@b" });
  });

  test("id and time beside an item win over those in it, with a type or without", () => {
    const inside = { call_id: 7, event_id: "inner", timestamp: 9_000 };
    for (const type of ["CallState", undefined]) {
      const { sourceEventId, eventTime } = eventOf({ event_id: "outer", timestamp: 5_000, type, item: inside });
      expect([sourceEventId, eventTime?.seconds]).toEqual(["outer", 5n]);
    }
    const { sourceEventId, eventTime } = eventOf({ event_id: "", timestamp: null, type: "CallState", item: inside });
    expect([sourceEventId, eventTime?.seconds]).toEqual(["inner", 9n]);
  });

  test("a chat may be wrapped as a call is", () => {
    const chat = chatOf({ ...outside, type: "ChatState", item: { ChatID: 138, State: "waiting" } });
    expect(chat).toMatchObject({ chatId: "138", state: ChatState.WAITING, initiator: "agent_1" });
  });

  test("a type of its own does not hide an event that has an event id", () => {
    expect(callOf({ ...outside, type: "call", item: { call_id: 7 } }).callId).toBe("7");
    expect(chatOf({ ...outside, type: "chat.updated", item: { chat_id: 8 } }).chatId).toBe("8");
    expect(rejectionOf({ type: "call", item: { call_id: 7 } }).reason).toBe("UNKNOWN_EVENT_TYPE");
    expect(rejectionOf({ ...outside, type: "call", item: {} }).reason).toBe("NOT_AN_EVENT");
  });

  test.each([
    ["an empty id beside an item", { call_id: "", item: { call_id: "7" } }],
    ["an empty id in another spelling", { CallID: "", call_id: "7" }],
    ["an empty chat id", { chat_id: "", call_id: "7" }],
  ])("%s hides no other", (_, json) => expect(callOf(json).callId).toBe("7"));

  test("an empty or null form is no wrap-up", () => {
    for (const dispositions of [{}, { code: null, custom_code_id: null, note: "" }, [{}], []]) {
      expect(callOf({ call_id: 1, dispositions }).disposition, JSON.stringify(dispositions)).toBe(undefined);
    }
    expect(callOf({ call_id: 1, dispositions: { code: 0, note: null } }).disposition).toMatchObject({ code: "0" });
  });
});

describe("who a party is", () => {
  const party = (entry: unknown) => callOf({ call_id: 1, participants: [entry] }).participants[0]!;

  test.each([
    ["an agent's id before the entry's own", { id: 77, type: "agent", agent_id: 5 }, "5"],
    ["an agent's id before the number dialled", { dn: "+1660", type: "agent", agent_id: "agent_5" }, "agent_5"],
    ["a nested agent's id before the entry's own", { id: 77, type: "agent", agent: { id: 5, name: "Ada" } }, "5"],
    ["a participant id before all", { id: 77, agent_id: 5, ParticipantID: "1234" }, "1234"],
    ["a consumer's phone before the end user's id", { end_user_id: 5, dn: "+1", agent_id: null }, "+1"],
    ["an id that is not empty", { ParticipantID: "", dn: "+1" }, "+1"],
    ["a bare id when there is no other", { id: 77 }, "77"],
  ])("%s", (_, entry, id) => expect(party(entry).participantId).toBe(id));

  test("a nested agent is an agent, whatever kind of agent", () => {
    const { type, typeText, state } = party({ agent: { ID: 5, Type: "human", status: "accepted" } });
    expect({ type, typeText, state }).toEqual({
      type: ParticipantType.AGENT,
      typeText: "",
      state: ParticipantState.ACCEPTED,
    });
    expect(party({ type: "external", agent: { id: 5 } }).type).toBe(ParticipantType.EXTERNAL);
  });

  test("the spelling of a nested agent's keys decides nothing", () => {
    expect(party({ agent: { id: 1, Agent_ID: 5 } }).participantId).toBe("5");
    expect(party({ agent: { agentId: 5, id: 1 } }).participantId).toBe("5");
  });

  test("a typed party with an empty id has none", () => {
    const value = create(CallEventSchema, {
      callId: "1",
      participants: [{ participantId: "" }, { participantId: "2" }],
    });
    const item = acceptTyped({ case: "call", value }, undefined, limits);
    expect(item.ok && item.event.payload.case === "call" && item.event.payload.value.participants).toMatchObject([
      { participantId: undefined },
      { participantId: "2" },
    ]);
  });
});

test.each([
  [[null]],
  [["1234", 7]],
  ["1234"],
  [7],
  [false],
])("participants %j do not say that nobody is left", (given) => {
  const { payload, notes } = eventOf(qmCall({ Participants: given }));
  expect(payload.value).toMatchObject({ participants: [], participantsOmitted: true });
  expect(notes).toEqual(["FIELD_IGNORED"]);
});

test("control characters of the second set are none of an id's either", () => {
  expect(rejectionOf({ call_id: "a\u0085b" }).message).toBe("call_id has a control character");
  expect(callOf({ call_id: "a\u00a0ä" }).callId).toBe("a\u00a0ä");
});

test.each([
  "2025-01-02T03:04:05+99:00",
  "2025-01-02T03:04:05-00:60",
])("%s has no offset that a clock has", (timestamp) => {
  expect(eventOf({ call_id: 1, timestamp })).toMatchObject({ eventTime: undefined, notes: ["EVENT_TIME_INVALID"] });
});

describe("what is no event", () => {
  test.each([
    ["JSON in a text", { type: "CallState", item: JSON.stringify({ CallID: "1" }) }, "NOT_AN_EVENT"],
    ["an item that is a list", { type: "CallState", item: [{ CallID: "1" }] }, "NOT_AN_EVENT"],
    ["a wrapper of another name", { data: { call_id: 1 } }, "NOT_AN_EVENT"],
    ["an id of the session metadata", { id: 987, status: "finished" }, "NOT_AN_EVENT"],
  ])("%s is quarantined whole, never half understood", (_, json, reason) => {
    expect(itemsOf(JSON.stringify(json))).toMatchObject([
      { ok: false, raw: JSON.stringify(json), rejection: { reason } },
    ]);
    expect(normaliseJsonItem(JSON.stringify(json), limits).ok).toBe(false);
  });
});

test("of keys written twice in the same spelling the last counts, and the text keeps both", () => {
  const json = '{"type":"AgentState","type":"CallState","item":{"State":"held","State":"ringing"}}';
  expect(callOf(json).state).toBe(CallState.RINGING);
  expect(eventOf(json).rawJson).toBe(json);
});

test("equal payloads are two events", () => {
  const held = readFileSync(join(folder, "call-held.json"), "utf8");
  expect(itemsOf(`[${held},${held}]`)).toHaveLength(2);
});
