/** Between an accepted event and the envelope that the log keeps of it. */
import { create, fromBinary } from "@bufbuild/protobuf";
import { CallEventSchema, ChatEventSchema, EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import type { AcceptedEvent, EventPayload } from "../events/accepted-event.ts";
import { encodePayload } from "../events/encode-event.ts";
import { normaliseJsonItem } from "../events/normalise-item.ts";
import { bareAgentId } from "../filters/event-keys.ts";
import type { SessionKind } from "../sessions/session-state.ts";
import type { Envelope, SessionProposal } from "./envelope.ts";
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

/** What the log keeps of an event. */
export function envelopeOf(placed: PlacedEvent): Envelope {
  const { event, source, receivedMs, firstReceivedMs, idempotencyKey } = placed;
  const time = event.eventTime;
  return {
    source,
    kind: event.payload.case,
    key: keyOf(event.payload),
    sourceEventId: event.sourceEventId,
    idempotencyKey,
    receivedMs,
    eventTime: time === undefined ? undefined : [Number(time.seconds), time.nanos],
    firstReceivedMs,
    ...formAndContent(placed),
  };
}

function formAndContent({ event, proposal }: PlacedEvent): Pick<Envelope, "form" | "content"> {
  if (proposal !== undefined) {
    const { first, last } = proposal;
    return { form: proposal.action, content: Buffer.from(JSON.stringify({ first, last } satisfies SessionProposal)) };
  }
  if (event.rawJson === "") return { form: "typed", content: encodePayload(event.payload) };
  return { form: "json", content: Buffer.from(event.rawJson) };
}

/** The gateway's own event of a session: it has the session's id and nothing else. */
export function ownEvent(kind: SessionKind, id: string): AcceptedEvent {
  const payload: EventPayload =
    kind === "call"
      ? { case: "call", value: create(CallEventSchema, { callId: id, participantsOmitted: true }) }
      : { case: "chat", value: create(ChatEventSchema, { chatId: id, participantsOmitted: true }) };
  return { payload, sourceEventId: "", eventTime: undefined, rawJson: "", notes: [] };
}

/** The proposal that an envelope holds, when it is one. */
export function proposalOf({ form, content }: Envelope): PlacedEvent["proposal"] {
  if (form !== "expire" && form !== "seal") return undefined;
  return { action: form, ...(JSON.parse(decoder.decode(content)) as SessionProposal) };
}

/** What was accepted once is accepted again, whatever the limits are now. */
const noLimits = { maxJsonDepth: Number.POSITIVE_INFINITY, maxEventBytes: Number.POSITIVE_INFINITY };

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The accepted event that an envelope was made from. */
export function acceptedEvent(envelope: Envelope): AcceptedEvent {
  const { sourceEventId, eventTime: time } = envelope;
  const eventTime =
    time === undefined
      ? undefined
      : { $typeName: "google.protobuf.Timestamp" as const, seconds: BigInt(time[0]), nanos: time[1] };
  if (envelope.form === "expire" || envelope.form === "seal") {
    return ownEvent(envelope.kind === "chat" ? "chat" : "call", envelope.key);
  }
  if (envelope.form === "typed") {
    const { payload } = fromBinary(EventSchema, envelope.content);
    if (payload.case === undefined) throw new Error("an envelope without a payload");
    return { payload, sourceEventId, eventTime, rawJson: "", notes: [] };
  }
  const item = normaliseJsonItem(decoder.decode(envelope.content), noLimits);
  if (!item.ok) throw new Error(`an envelope's content is refused: ${item.rejection.message}`);
  return { ...item.event, sourceEventId, eventTime };
}
