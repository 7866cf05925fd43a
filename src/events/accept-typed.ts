/**
 * Typed events from PublishEvents. There is nothing to interpret; what is checked is that the ids may serve as keys and
 * that every reader can decode and print the event.
 */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { CallEvent, ChatEvent, Participant } from "../../gen/ts/callwire/v1/event_pb.ts";
import type { EventNote, EventPayload, NormalisedItem, NormaliseLimits } from "./accepted-event.ts";
import { customData, customDataJson } from "./custom-data.ts";
import { encodePayload } from "./encode-event.ts";
import { checkBounds } from "./event-bounds.ts";
import { checkId, Refusal } from "./fields.ts";
import { isInRange } from "./source-time.ts";

/** An empty id names nobody. */
function checkedParticipants(participants: Participant[], path: string): Participant[] {
  let namesNobody = false;
  for (let index = 0; index < participants.length; index++) {
    const { participantId } = participants[index]!;
    if (participantId === undefined) continue;
    if (participantId === "") namesNobody = true;
    else checkId(participantId, () => `${path}.participants[${index}].participant_id`);
  }
  if (!namesNobody) return participants;
  return participants.map((party) => ({ ...party, participantId: party.participantId || undefined }) as Participant);
}

function inRange(time: Timestamp | undefined, note: EventNote, notes: EventNote[]): Timestamp | undefined {
  if (time === undefined || isInRange(time)) return time;
  if (!notes.includes(note)) notes.push(note);
  return undefined;
}

/** The session itself where there is nothing to change. */
function checkedSession<Session extends CallEvent | ChatEvent>(
  session: Session,
  path: string,
  notes: EventNote[],
): Session {
  checkId(session.queueUuid, () => `${path}.queue_uuid`);
  const participants = checkedParticipants(session.participants, path);
  // A list that is there was not left out, whatever the flag says.
  const participantsOmitted = session.participantsOmitted && participants.length === 0;
  const connectedTime = inRange(session.connectedTime, "FIELD_IGNORED", notes);
  const endTime = inRange(session.endTime, "FIELD_IGNORED", notes);
  const isAsGiven =
    participants === session.participants &&
    participantsOmitted === session.participantsOmitted &&
    session.customHeaders === undefined &&
    connectedTime === session.connectedTime &&
    endTime === session.endTime;
  if (isAsGiven) return session;
  const customHeaders = session.customHeaders && customData(customDataJson(session.customHeaders));
  return { ...session, participants, participantsOmitted, customHeaders, connectedTime, endTime };
}

function sameOrWith(payload: EventPayload, value: CallEvent | ChatEvent): EventPayload {
  return value === payload.value ? payload : ({ case: payload.case, value } as EventPayload);
}

function checkedPayload(payload: EventPayload, notes: EventNote[]): EventPayload {
  switch (payload.case) {
    case "agent":
      checkId(payload.value.participantId, () => "agent.participant_id");
      return payload;
    case "call":
      checkId(payload.value.callId, () => "call.call_id");
      return sameOrWith(payload, checkedSession(payload.value, "call", notes));
    case "chat":
      checkId(payload.value.chatId, () => "chat.chat_id");
      return sameOrWith(payload, checkedSession(payload.value, "chat", notes));
  }
}

function encodedLength(payload: EventPayload): number {
  try {
    return encodePayload(payload).length;
  } catch (error) {
    throw new Refusal("INVALID_UTF8", `a text of the event cannot be encoded: ${(error as Error).message}`);
  }
}

/**
 * @param eventTime what the publisher gave beside the event; one out of range is noted and left unset
 * @param encoded the encoding of the payload's message, where it is at hand
 */
export function acceptTyped(
  payload: EventPayload,
  eventTime: Timestamp | undefined,
  limits: NormaliseLimits,
  encoded?: Uint8Array,
): NormalisedItem {
  try {
    const notes: EventNote[] = [];
    checkBounds(payload);
    const checked = checkedPayload(payload, notes);
    const known = checked === payload ? encoded : undefined;
    if ((known?.length ?? encodedLength(checked)) > limits.maxEventBytes) {
      const message = `the event is larger than ${limits.maxEventBytes} bytes (limits.max_event_bytes)`;
      throw new Refusal("EVENT_TOO_LARGE", message);
    }
    const time = inRange(eventTime, "EVENT_TIME_INVALID", notes);
    return {
      ok: true,
      event: { payload: checked, sourceEventId: "", eventTime: time, rawJson: "", encoded: known, notes },
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, raw: "", rejection: { reason: error.reason, message: error.message } };
  }
}
