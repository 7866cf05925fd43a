import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import {
  AgentState,
  CallState,
  Direction,
  ParticipantState,
  ParticipantType,
  Trigger,
} from "../../gen/ts/callwire/v1/state_pb.ts";
import { formatEvent, plain } from "../../src/cli/event-line.ts";

const receivedTime = timestampFromDate(new Date("2026-01-31T09:00:00.250Z"));

function format(event: MessageInitShape<typeof EventSchema>): string {
  return formatEvent(create(EventSchema, { offset: 42n, receivedTime, ...event }), plain).replaceAll(/ {2,}/g, "  ");
}

test("a call says when, state and meaning, direction, queue, id, who, and the offset", () => {
  const line = format({
    trigger: Trigger.CALL_UNHELD,
    payload: {
      case: "call",
      value: {
        callId: "846802bf90d1",
        state: CallState.CONNECTED,
        direction: Direction.INCOMING,
        queuePathNames: ["support", "orders"],
        participants: [
          { participantId: "1234", type: ParticipantType.AGENT, state: ParticipantState.CONNECTED },
          { participantId: "+123", type: ParticipantType.EXTERNAL, state: ParticipantState.HELD },
          { type: ParticipantType.EXTERNAL, stateText: "parked" },
        ],
      },
    },
  });
  expect(line).toBe(
    "2026-01-31T09:00:00.250Z  call  connected (unheld)  in  support/orders  846802bf90d1  " +
      "agent 1234 connected, +123 held, third party parked  #42",
  );
});

test("a missing list of participants says nothing; an empty one says that nobody is left", () => {
  const call = { callId: "1", state: CallState.DISCONNECTED };
  expect(format({ payload: { case: "call", value: { ...call, participantsOmitted: true } } })).not.toContain("nobody");
  expect(format({ payload: { case: "call", value: call } })).toContain("nobody left");
});

test("an agent says who and the address", () => {
  const value = { participantId: "1234", email: "a@example.org", state: AgentState.LOGIN };
  const line = format({ trigger: Trigger.AGENT_LOGIN, payload: { case: "agent", value } });
  expect(line).toBe("2026-01-31T09:00:00.250Z  agent  login  agent 1234 <a@example.org>  #42");
});

test("redaction, the gateway's own events and withheld fields are marked", () => {
  const line = format({ synthetic: true, redactionActive: true, withheld: true, trigger: Trigger.CALL_SEALED });
  expect(line).toBe(
    "2026-01-31T09:00:00.250Z  event  (sealed)  no payload  redaction active  by the gateway  fields withheld  #42",
  );
});

test("text of the source cannot command the terminal", () => {
  const line = format({
    payload: { case: "call", value: { callId: "1\u001b[2J\n2", stateText: "\u202eodd", queuePathNames: ["\u0007"] } },
  });
  expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  expect(line).toContain("1\\u001b[2J\\u000a2");
});
