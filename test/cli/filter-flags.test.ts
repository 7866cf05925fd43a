import { expect, test } from "vitest";
import { CallState, ChatState, Direction, EventKind, Trigger } from "../../gen/ts/callwire/v1/state_pb.ts";
import { buildFilters } from "../../src/cli/filter-flags.ts";
import { UsageError } from "../../src/cli/usage.ts";

test("no flags mean everything", () => {
  expect(buildFilters({})).toEqual({});
});

test("flags become one filter whose fields must all hold", () => {
  const filters = buildFilters({
    queue: ["support/orders", "billing"],
    agent: ["1234"],
    direction: ["incoming"],
    kind: ["call"],
    trigger: ["call-held", "TRIGGER_CALL_ENDED"],
    recordingPermitted: "false",
  });
  expect(Object.keys(filters)).toEqual(["flags"]);
  expect(filters.flags).toMatchObject({
    queueNames: ["support/orders", "billing"],
    agentIds: ["1234"],
    directions: [Direction.INCOMING],
    kinds: [EventKind.CALL],
    triggers: [Trigger.CALL_HELD, Trigger.CALL_ENDED],
    recordingPermitted: false,
  });
});

test("a state of calls and chats asks for either, with the other conditions in both", () => {
  const filters = buildFilters({ state: ["held", "finished"], agent: ["7"] });
  expect(filters.calls).toMatchObject({ callStates: [CallState.HELD], chatStates: [], agentIds: ["7"] });
  expect(filters.chats).toMatchObject({ callStates: [], agentIds: ["7"] });
  expect(filters.chats?.chatStates).toEqual([ChatState.HELD, ChatState.FINISHED]);
});

test("a state asks only for the kind that the other flags leave", () => {
  expect(Object.keys(buildFilters({ state: ["held"], kind: ["call"] }))).toEqual(["calls"]);
  expect(Object.keys(buildFilters({ state: ["held"], chat: ["138"] }))).toEqual(["chats"]);
  expect(() => buildFilters({ state: ["finished"], kind: ["call"] })).toThrow(UsageError);
});

test("--filter adds named alternatives", () => {
  const filters = buildFilters({
    queue: ["support"],
    filter: ['{"agentIds":["1"]}', 'vip = {"queue_names":["vip=gold"]}', '{"directions":["DIRECTION_OUTGOING"]}'],
  });
  expect(Object.keys(filters)).toEqual(["flags", "filter", "vip", "filter-3"]);
  expect(filters.vip?.queueNames).toEqual(["vip=gold"]);
  expect(filters["filter-3"]?.directions).toEqual([Direction.OUTGOING]);
});

test.each([
  [{ direction: ["incomming"] }, 'Did you mean "incoming"?'],
  [{ kind: ["email"] }, "one of: call, agent, chat"],
  [{ trigger: ["unspecified"] }, "not a known value"],
  [{ state: ["conected"] }, 'Did you mean "connected"?'],
  [{ filter: ['{"queueName":["x"]}'] }, 'Did you mean "queueNames"?'],
  [{ filter: ["{}"] }, "no condition"],
  [{ filter: ["[]"] }, "JSON object"],
  [{ filter: ["queue=support"] }, "not JSON"],
  [{ filter: ['{"directions":["UP"]}'] }, "UP"],
  [{ filter: ['a={"agentIds":["1"]}', 'a={"agentIds":["2"]}'] }, "is taken"],
  [{ queue: ["x"], filter: ['flags={"agentIds":["1"]}'] }, "is taken"],
])("a mistyped condition is refused and never means everything: %j", (flags, hint) => {
  expect(() => buildFilters(flags)).toThrow(UsageError);
  expect(() => buildFilters(flags)).toThrow(hint);
});
