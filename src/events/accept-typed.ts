/** Typed events from PublishEvents: nothing to interpret, ids and size to check. */
import { toBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import {
  AgentEventSchema,
  CallEventSchema,
  ChatEventSchema,
  type Participant,
} from "../../gen/ts/callwire/v1/event_pb.ts";
import type { EventPayload, NormalisedItem, NormaliseLimits } from "./accepted-event.ts";
import { checkId, Refusal } from "./fields.ts";

export function payloadBytes(payload: EventPayload): Uint8Array {
  switch (payload.case) {
    case "call":
      return toBinary(CallEventSchema, payload.value);
    case "chat":
      return toBinary(ChatEventSchema, payload.value);
    case "agent":
      return toBinary(AgentEventSchema, payload.value);
  }
}

function checkParticipants(participants: readonly Participant[], path: string): void {
  participants.forEach(({ participantId }, index) => {
    if (participantId !== undefined) checkId(participantId, `${path}.participants[${index}].participant_id`);
  });
}

function checkIds(payload: EventPayload): void {
  switch (payload.case) {
    case "agent":
      checkId(payload.value.participantId, "agent.participant_id");
      return;
    case "call":
      checkId(payload.value.callId, "call.call_id");
      checkParticipants(payload.value.participants, "call");
      return;
    case "chat":
      checkId(payload.value.chatId, "chat.chat_id");
      checkParticipants(payload.value.participants, "chat");
  }
}

export function acceptTyped(
  payload: EventPayload,
  eventTime: Timestamp | undefined,
  limits: NormaliseLimits,
): NormalisedItem {
  try {
    checkIds(payload);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, raw: "", rejection: { reason: error.reason, message: error.message } };
  }
  if (payloadBytes(payload).length > limits.maxEventBytes) {
    const message = `the event is larger than ${limits.maxEventBytes} bytes (limits.max_event_bytes)`;
    return { ok: false, raw: "", rejection: { reason: "EVENT_TOO_LARGE", message } };
  }
  return { ok: true, event: { payload, sourceEventId: "", eventTime, rawJson: "", notes: [] } };
}
