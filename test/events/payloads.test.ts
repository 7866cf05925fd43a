/** Every payload that the source publishes, and exactly what becomes of it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
  AgentEventSchema,
  CallEventSchema,
  ChatEventSchema,
  ParticipantSchema,
} from "../../gen/ts/callwire/v1/event_pb.ts";
import {
  AgentState,
  CallState,
  ChatState,
  Direction,
  ParticipantState,
  ParticipantType,
} from "../../gen/ts/callwire/v1/state_pb.ts";
import type { EventPayload } from "../../src/events/accepted-event.ts";
import { bodyRejection, eventOf } from "./normalised.ts";

const folder = join(import.meta.dirname, "../payloads");
const { AGENT, EXTERNAL } = ParticipantType;
const { CONNECTED, DISCONNECTED, HELD, MUTED, REDACTED, RINGING, UNMUTED, UNREDACTED } = ParticipantState;

type Party = [id: string, type: ParticipantType, state: ParticipantState];

function participants(parties: Party[]) {
  return parties.map(([participantId, type, state]) => create(ParticipantSchema, { participantId, type, state }));
}

const consumer = "+123456789";
const mediaId = "208188811_124248155@67.231.1.110";

function call(callId: string, direction: Direction, state: CallState, parties: Party[]): EventPayload {
  const value = create(CallEventSchema, {
    callId,
    state,
    direction,
    initiator: consumer,
    queuePathIds: ["1", "2", "3"],
    queuePathNames: ["support", "orders", "status"],
    language: "en",
    queueUuid: "3",
    recordingPermitted: true,
    participants: participants(parties),
    mediaId,
  });
  return { case: "call", value };
}

function inbound(state: CallState, ...parties: Party[]): EventPayload {
  return call("846802bf90d1", Direction.INCOMING, state, parties);
}

function outbound(state: CallState, ...parties: Party[]): EventPayload {
  return call("e9dd62bb", Direction.OUTGOING, state, parties);
}

function agent(state: AgentState): EventPayload {
  const value = create(AgentEventSchema, { participantId: "1234", email: "some.email@domain.com", state });
  return { case: "agent", value };
}

function waitingChat(chatId: string, queuePathIds: string[], queuePathNames: string[]): EventPayload {
  const value = create(ChatEventSchema, {
    chatId,
    state: ChatState.WAITING,
    direction: Direction.INCOMING,
    initiator: "end_user_5",
    queuePathIds,
    queuePathNames,
    language: "en",
    sessionType: "In-web",
    participants: participants([["end_user_5", EXTERNAL, CONNECTED]]),
  });
  return { case: "chat", value };
}

const outboundDisconnected: EventPayload = {
  case: "call",
  value: create(CallEventSchema, {
    callId: "e9dd62bb",
    state: CallState.DISCONNECTED,
    direction: Direction.OUTGOING,
    initiator: "1234",
    participants: participants([
      ["1234", AGENT, DISCONNECTED],
      [consumer, EXTERNAL, DISCONNECTED],
    ]),
    mediaId,
  }),
};

const user = (state: ParticipantState): Party => [consumer, EXTERNAL, state];
const first = (state: ParticipantState): Party => ["1234", AGENT, state];
const second = (state: ParticipantState): Party => ["4321", AGENT, state];

const expected: Record<string, EventPayload> = {
  "agent-login.json": agent(AgentState.LOGIN),
  "agent-logout.json": agent(AgentState.LOGOUT),
  "call-inbound-ringing.json": inbound(CallState.RINGING, user(CONNECTED), first(RINGING)),
  "call-inbound-connected.json": inbound(CallState.CONNECTED, user(CONNECTED), first(CONNECTED)),
  "call-outbound-dialing.json": outbound(CallState.DIALING, first(CONNECTED), user(CONNECTED)),
  "call-outbound-connected.json": outbound(CallState.CONNECTED, first(CONNECTED), user(CONNECTED)),
  "call-held.json": inbound(CallState.HELD, user(HELD), first(CONNECTED)),
  "call-unheld.json": inbound(CallState.CONNECTED, user(CONNECTED), first(CONNECTED)),
  "call-transferred-cold.json": inbound(CallState.TRANSFERRED, user(CONNECTED), second(CONNECTED)),
  "call-conferenced-warm.json": inbound(CallState.CONFERENCED, user(CONNECTED), first(CONNECTED), second(CONNECTED)),
  "call-participant-disconnect.json": inbound(
    CallState.PARTICIPANT_DISCONNECT,
    user(CONNECTED),
    first(DISCONNECTED),
    second(CONNECTED),
  ),
  "call-muted.json": inbound(CallState.CONNECTED, user(CONNECTED), first(MUTED), second(MUTED)),
  "call-unmuted.json": inbound(CallState.CONNECTED, user(CONNECTED), first(UNMUTED), second(UNMUTED)),
  "call-redacted.json": inbound(CallState.CONNECTED, user(REDACTED), first(REDACTED)),
  "call-unredacted.json": inbound(CallState.CONNECTED, user(UNREDACTED), first(UNREDACTED)),
  "call-inbound-disconnected.json": inbound(CallState.DISCONNECTED, user(DISCONNECTED), first(DISCONNECTED)),
  "call-outbound-disconnected.json": outboundDisconnected,
  "chat-started.json": waitingChat("138", ["7", "26"], ["Test", "calls"]),
  "chat-waiting.json": waitingChat("196", ["7", "23"], ["Test", "virtual"]),
};

const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

describe("published payloads", () => {
  test("are all expected", () => {
    expect(files.sort()).toEqual(Object.keys(expected).sort());
  });

  test.each(files)("%s", (file) => {
    const text = readFileSync(join(folder, file), "utf8");
    expect(eventOf(text)).toEqual({
      payload: expected[file],
      sourceEventId: "",
      eventTime: undefined,
      rawJson: text.trim(),
      notes: [],
    });
  });

  test("leave recording permission unset, not false, where the source leaves it out", () => {
    expect(outboundDisconnected.value).not.toHaveProperty("recordingPermitted", false);
    const { payload } = eventOf(readFileSync(join(folder, "call-outbound-disconnected.json"), "utf8"));
    expect(payload.value).toHaveProperty("recordingPermitted", undefined);
  });
});

describe("payloads that are malformed as published are refused where they break", () => {
  test.each([
    ["call-held.txt", 'line 1, column 9): expected nothing more, found ":"'],
    ["call-muted.txt", 'line 12, column 32): expected a key, found "\\\\"'],
  ])("%s", (file, where) => {
    const { reason, message } = bodyRejection(readFileSync(join(folder, "malformed", file)));
    expect(reason).toBe("MALFORMED_JSON");
    expect(message).toContain(where);
  });
});
