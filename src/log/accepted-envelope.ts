/** Between an accepted event and the envelope that the log keeps of it. */
import { create, fromBinary } from "@bufbuild/protobuf";
import { CallEventSchema, ChatEventSchema, EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import type { AcceptedEvent, EventPayload } from "../events/accepted-event.ts";
import { writePayload } from "../events/encode-event.ts";
import { normaliseJsonItem } from "../events/normalise-item.ts";
import { bareAgentId } from "../filters/event-keys.ts";
import type { SessionKind } from "../sessions/session-state.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import type { Envelope, EnvelopeForm, EnvelopeHead, SessionProposal } from "./envelope.ts";
import type { PlacedEvent } from "./tenant-fold.ts";

function keyOf(payload: EventPayload): string {
  switch (payload.case) {
    case "call":
      return payload.value.callId;
    case "chat":
      return payload.value.chatId;
    case "agent":
      return bareAgentId(payload.value.participantId);
  }
}

/** What the log keeps of an event beside its content. */
export function envelopeHead({
  event,
  source,
  receivedMs,
  firstReceivedMs,
  idempotencyKey,
  proposal,
}: PlacedEvent): EnvelopeHead {
  return {
    source,
    kind: event.payload.case,
    key: keyOf(event.payload),
    sourceEventId: event.sourceEventId,
    idempotencyKey,
    receivedMs,
    eventTime: event.eventTime,
    firstReceivedMs,
    form: proposal?.action ?? formOf(event),
  };
}

function formOf({ rawJson }: AcceptedEvent): EnvelopeForm {
  return rawJson === "" ? "typed" : "json";
}

/** Writes the content of an event's envelope; see `Envelope.content`. */
export function writeContent(to: WireWriter, { event, proposal }: PlacedEvent): void {
  if (proposal !== undefined) {
    const { first, last } = proposal;
    to.rawText(JSON.stringify({ first, last } satisfies SessionProposal));
  } else if (event.rawJson === "") writePayload(to, event.payload, event.encoded);
  else if (event.encoded === undefined) to.rawText(event.rawJson);
  else to.raw(event.encoded);
}

/** The gateway's own event of a session: it has the session's id and nothing else. */
export function ownEvent(kind: SessionKind, id: string): AcceptedEvent {
  const payload: EventPayload =
    kind === "call"
      ? { case: "call", value: create(CallEventSchema, { callId: id, participantsOmitted: true }) }
      : { case: "chat", value: create(ChatEventSchema, { chatId: id, participantsOmitted: true }) };
  return { payload, sourceEventId: "", eventTime: undefined, rawJson: "", encoded: undefined, notes: [] };
}

/** The proposal that an envelope holds, when it is one. */
export function proposalOf({ form, content }: Envelope): PlacedEvent["proposal"] {
  if (form !== "expire" && form !== "seal") return undefined;
  return { action: form, ...(JSON.parse(decoder.decode(content)) as SessionProposal) };
}

/** What was accepted once is accepted again, whatever the limits are now. */
const noLimit = Number.POSITIVE_INFINITY;
const noLimits = { maxJsonDepth: noLimit, maxEventBytes: noLimit, maxBodyItems: noLimit, wasAccepted: true };

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The accepted event that an envelope was made from. */
export function acceptedEvent(envelope: Envelope): AcceptedEvent {
  const { sourceEventId, eventTime } = envelope;
  if (envelope.form === "expire" || envelope.form === "seal") {
    return ownEvent(envelope.kind === "chat" ? "chat" : "call", envelope.key);
  }
  if (envelope.form === "typed") {
    const { payload } = fromBinary(EventSchema, envelope.content);
    if (payload.case === undefined) throw new Error("an envelope without a payload");
    return { payload, sourceEventId, eventTime, rawJson: "", encoded: undefined, notes: [] };
  }
  const item = normaliseJsonItem(decoder.decode(envelope.content), noLimits);
  if (!item.ok) throw new Error(`an envelope's content is refused: ${item.rejection.message}`);
  return { ...item.event, sourceEventId, eventTime };
}
