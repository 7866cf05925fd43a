/** External session events: the life of a session as the source's progression table tells it, in both nestings. */
import { describe, expect, test } from "vitest";
import { CallState, ParticipantState, ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { callOf, chatOf, eventOf, itemsOf } from "./normalised.ts";

const external = (status: string) => ({ dn: "+15550100", type: "external", status });
const agent = (status: string) => ({ agent_id: 1, agent_name: "Ada", type: "agent", status });

const steps = [
  { state: "connected", participants: [external("connected")], dn: "+15550100", connected_at: "2025-01-02T03:04:05Z" },
  { state: "connected", participants: [external("connected")], queue_path_names: "support/orders" },
  { state: "connected", participants: [external("connected"), agent("accepted")], initiator: "virtual_agent_15" },
  { state: "connected", participants: [external("connected"), agent("connected")] },
  {
    state: "disconnected",
    participants: [external("disconnected"), agent("disconnected")],
    ends_at: "2025-01-02T03:14:05.25+01:00",
  },
  {
    state: "disconnected",
    participants: [external("disconnected"), agent("dispositionSubmitted")],
    dispositions: { code: "resolved", custom_code_id: 12, note: "called back" },
  },
];

const nestings = {
  flat: (envelope: object, fields: object) => ({ ...envelope, call_id: 987, ...fields }),
  item: (envelope: object, fields: object) => ({ ...envelope, item: { call_id: 987, ...fields } }),
  wrapped: (envelope: object, fields: object) => ({ ...envelope, type: "CallState", item: { CallID: 987, ...fields } }),
};

describe.each(Object.entries(nestings))("%s", (_, nest) => {
  const events = steps.map((fields, index) =>
    nest({ event_id: `e${index}`, timestamp: 1735787045000 + index }, fields),
  );
  const items = itemsOf(JSON.stringify({ count: events.length, events }));
  const accepted = items.map((item) => {
    if (!item.ok || item.event.payload.case !== "call") throw new Error("refused");
    return { ...item.event, call: item.event.payload.value };
  });
  const { ACCEPTED, CONNECTED, DISCONNECTED, DISPOSITION_SUBMITTED } = ParticipantState;

  test("every step is a call event with its id and time", () => {
    expect(accepted.map(({ sourceEventId }) => sourceEventId)).toEqual(["e0", "e1", "e2", "e3", "e4", "e5"]);
    expect(accepted.map(({ eventTime }) => [eventTime?.seconds, eventTime?.nanos])).toEqual(
      steps.map((_step, index) => [1735787045n, index * 1_000_000]),
    );
    expect(accepted.every(({ call, notes }) => call.callId === "987" && notes.length === 0)).toBe(true);
  });

  test("the states progress as in the table", () => {
    expect(accepted.map(({ call }) => call.state)).toEqual([
      ...Array(4).fill(CallState.CONNECTED),
      ...Array(2).fill(CallState.DISCONNECTED),
    ]);
    const agents = accepted.map(({ call }) => call.participants.find(({ type }) => type === ParticipantType.AGENT));
    expect(agents.map((party) => party?.state)).toEqual([
      undefined,
      undefined,
      ACCEPTED,
      CONNECTED,
      DISCONNECTED,
      DISPOSITION_SUBMITTED,
    ]);
    expect(agents[2]).toMatchObject({ participantId: "1", name: "Ada" });
  });

  test("each step adds its fields", () => {
    const calls = accepted.map(({ call }) => call);
    expect(calls[0]!.connectedTime).toMatchObject({ seconds: 1735787045n, nanos: 0 });
    expect(calls[1]!.queuePathNames).toEqual(["support", "orders"]);
    expect(calls[2]!.initiator).toBe("virtual_agent_15");
    expect(calls[4]!.endTime).toMatchObject({ seconds: 1735784045n, nanos: 250_000_000 });
    expect(calls[5]!.disposition).toMatchObject({ code: "resolved", customCodeId: "12", note: "called back" });
  });

  test("raw JSON is the event's own object", () => {
    expect(accepted.map(({ rawJson }) => rawJson)).toEqual(events.map((event) => JSON.stringify(event)));
  });
});

test("the customer's dn alone makes no participant", () => {
  expect(callOf({ call_id: 1, dn: "+15550100" })).toMatchObject({ participants: [], participantsOmitted: true });
});

test("an event's own fields win over those of its item, unless they are null", () => {
  const call = callOf({ call_id: 1, language: "en", initiator: null, item: { language: "fr", initiator: "agent_1" } });
  expect(call).toMatchObject({ language: "en", initiator: "agent_1" });
});

test("an agent may be nested in a participant", () => {
  const [party] = callOf({
    call_id: 1,
    participants: [{ agent: { ID: 5, Name: "Ada" }, state: "accepted" }],
  }).participants;
  expect(party).toMatchObject({ participantId: "5", name: "Ada", state: ParticipantState.ACCEPTED });
});

test.each([
  ["a list of one", [{ code: "a" }], "a", []],
  ["a list of more", [{ code: "a" }, { code: "b" }], "a", ["FIELD_IGNORED"]],
  ["an empty list", [], undefined, []],
  ["a text", "a", undefined, ["FIELD_IGNORED"]],
])("dispositions as %s", (_, dispositions, code, notes) => {
  const event = eventOf({ chat_id: 1, dispositions });
  expect(chatOf({ chat_id: 1, dispositions }).disposition?.code).toBe(code);
  expect(event.notes).toEqual(notes);
});

describe("the source's clock", () => {
  test.each<[unknown, bigint, number]>([
    [1735787045123, 1735787045n, 123_000_000],
    ["1735787045123", 1735787045n, 123_000_000],
    [-1, -1n, 999_000_000],
    [0, 0n, 0],
    [-62135596800000, -62135596800n, 0],
    [253402300799999, 253402300799n, 999_000_000],
    ["2025-01-02T03:04:05.123456789Z", 1735787045n, 123_456_789],
    ["2025-01-02 03:04:05+0000", 1735787045n, 0],
    ["2025-01-02T03:04:05", 1735787045n, 0],
    ["2025-01-01T19:04:05-08:00", 1735787045n, 0],
  ])("%j", (timestamp, seconds, nanos) => {
    const { eventTime, notes } = eventOf({ call_id: 1, timestamp });
    expect(eventTime).toMatchObject({ seconds, nanos });
    expect(notes).toEqual([]);
  });

  test.each([
    253402300800000,
    -62135596800001,
    1e300,
    "yesterday",
    "2025-02-30T00:00:00Z",
    "2025-01-01T25:00:00Z",
    {},
    true,
  ])("%j is noted and left unset", (timestamp) => {
    expect(eventOf({ call_id: 1, timestamp })).toMatchObject({ eventTime: undefined, notes: ["EVENT_TIME_INVALID"] });
    expect(eventOf({ call_id: 1, ends_at: timestamp }).notes).toEqual(["FIELD_IGNORED"]);
  });

  test("a number beyond all doubles is no time", () =>
    expect(eventOf('{"call_id":1,"timestamp":1e400}').notes).toEqual(["EVENT_TIME_INVALID"]));
  test("null is none", () => expect(eventOf({ call_id: 1, timestamp: null })).toMatchObject({ notes: [] }));
});
