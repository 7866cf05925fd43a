/** A call or chat told event by event, as the source would, and what the fold makes of it. */
import type { CallEvent, ChatEvent } from "../../gen/ts/callwire/v1/event_pb.ts";
import { type Session, SessionAnomalySchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { type Trigger, TriggerSchema } from "../../gen/ts/callwire/v1/state_pb.ts";
import type { AcceptedEvent } from "../../src/events/accepted-event.ts";
import { normaliseObject } from "../../src/events/normalise-object.ts";
import { foldSessionEvent, isRedactionActive, type Meaning } from "../../src/sessions/fold.ts";
import { newSession, type SessionState } from "../../src/sessions/session-state.ts";

const limits = { maxJsonDepth: 64, maxEventBytes: 1024 * 1024, maxBodyItems: 1_000 };

/** An event as the source sends it, normalised. */
export function sourceEvent(object: object): AcceptedEvent {
  const item = normaliseObject(object, JSON.stringify(object), limits);
  if (!item.ok) throw new Error(item.rejection.message);
  return item.event;
}

/** `ext:connected`, `agent 7:muted`, `external:ringing` for a third party without an id. */
function participant(text: string): object {
  const [who, State] = text.split(":") as [string, string];
  const [kind, id] = who.split(" ") as [string, string?];
  if (kind === "ext") return { ParticipantID: "+1555", Type: "external", State };
  return { ParticipantID: id ?? null, Type: kind, State };
}

export interface Told {
  meaning: Meaning;
  /** Names without prefix. */
  trigger: string;
  changes: string[];
  redactionActive: boolean;
}

const nameOf = (trigger: Trigger): string => TriggerSchema.value[trigger]!.localName;

export class Story {
  readonly state: SessionState;
  readonly #kind: "call" | "chat";
  #offset = 0;

  constructor(kind: "call" | "chat" = "call") {
    this.#kind = kind;
    this.state = newSession(kind, "c1", "ccai");
  }

  get session(): Session {
    return this.state.session;
  }

  get anomalies(): string[] {
    return this.session.anomalies.map((anomaly) => SessionAnomalySchema.value[anomaly]!.localName);
  }

  /** @param parties separated by commas; undefined leaves the list out, an empty text says that nobody is left */
  tell(state: string, parties?: string, more: object = {}): Told {
    const list = parties?.split(", ").filter(Boolean).map(participant);
    const Participants = list === undefined ? {} : { Participants: list };
    const item = {
      State: state,
      ...(this.#kind === "call" ? { Direction: "incoming" } : {}),
      ...Participants,
      ...more,
    };
    const event =
      this.#kind === "call"
        ? sourceEvent({ type: "CallState", item: { CallID: "c1", ...item } })
        : sourceEvent({ chat_id: "c1", ...item });
    return this.fold(event);
  }

  fold(event: AcceptedEvent): Told {
    const offset = BigInt(++this.#offset);
    const receivedTime = { $typeName: "google.protobuf.Timestamp" as const, seconds: offset, nanos: 0 };
    const payload = event.payload.value as CallEvent | ChatEvent;
    const at = { offset, receivedTime, eventTime: event.eventTime };
    const emailOf = (id: string): string | undefined => (id === "7" ? "seven@example.com" : undefined);
    const meaning = foldSessionEvent(this.state, payload, at, emailOf);
    return {
      meaning,
      trigger: nameOf(meaning.trigger),
      changes: meaning.changes.map(nameOf),
      redactionActive: isRedactionActive(this.session),
    };
  }
}
