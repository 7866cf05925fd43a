/** What the fold of an event costs, and the encoding of its session, on one core and in this process. */
import { toBinary } from "@bufbuild/protobuf";
import type { CallEvent, ChatEvent } from "../gen/ts/callwire/v1/event_pb.ts";
import { SessionSchema } from "../gen/ts/callwire/v1/session_pb.ts";
import type { AcceptedEvent } from "../src/events/accepted-event.ts";
import { normaliseBody } from "../src/events/normalise-body.ts";
import { encodeSession, SessionEncoder } from "../src/sessions/encode-session.ts";
import { foldSessionEvent } from "../src/sessions/fold.ts";
import { newSession, type SessionState } from "../src/sessions/session-state.ts";
import { contactCentre } from "../src/simulator/contact-centre.ts";
import { WireWriter } from "../src/wire/wire-writer.ts";
import { spread } from "./summary.ts";

const limits = { maxJsonDepth: 64, maxEventBytes: 1024 * 1024, maxBodyItems: 1_000 };
const noEmail = (): undefined => undefined;

interface SourceEvent {
  source: string;
  event: AcceptedEvent & { payload: { case: "call" | "chat" } };
}

/** The events of a simulated contact centre's calls and chats, normalised beforehand. */
function sessionEvents(calls: number): SourceEvent[] {
  const events: SourceEvent[] = [];
  for (const { source, body } of contactCentre({ seed: 1, calls })) {
    const normalised = normaliseBody(Buffer.from(body), limits);
    if (!normalised.ok) continue;
    for (const item of normalised.items) {
      if (item.ok && item.event.payload.case !== "agent")
        events.push({ source, event: item.event as SourceEvent["event"] });
    }
  }
  return events;
}

/** Microseconds an event for one pass over all events from empty sessions. */
function pass(events: readonly SourceEvent[], after: (state: SessionState) => void): number {
  const states = new Map<string, SessionState>();
  const start = performance.now();
  let offset = 0n;
  for (const { source, event } of events) {
    const payload = event.payload.value as CallEvent | ChatEvent;
    const id = payload.$typeName === "callwire.v1.CallEvent" ? payload.callId : payload.chatId;
    let state = states.get(id);
    if (state === undefined) {
      state = newSession(event.payload.case, id, source);
      states.set(id, state);
    }
    const receivedTime = { $typeName: "google.protobuf.Timestamp" as const, seconds: ++offset, nanos: 0 };
    foldSessionEvent(state, payload, { offset, receivedTime, eventTime: event.eventTime }, noEmail);
    after(state);
  }
  return ((performance.now() - start) * 1000) / events.length;
}

/** Each gives the median of so many passes, in microseconds an event; those that encode include the fold. */
export function measureFold(passes: number) {
  const events = sessionEvents(2_000);
  const median = (after: (state: SessionState) => void): number =>
    spread(Array.from({ length: passes }, () => pass(events, after))).median;
  const encoders = new WeakMap<SessionState, SessionEncoder>();
  const writer = new WireWriter();
  const encodeNext = (state: SessionState): void => {
    const encoder = encoders.get(state) ?? new SessionEncoder();
    encoders.set(state, encoder);
    writer.clear();
    encoder.write(writer, state);
  };
  return {
    foldUs: () => median(() => {}),
    anewUs: () => median(({ session }) => void encodeSession(session)),
    nextUs: () => median(encodeNext),
    libraryUs: () => median(({ session }) => void toBinary(SessionSchema, session)),
  };
}
