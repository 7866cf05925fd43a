import { describe, expect, it } from "vitest";
import type { CallEvent, ChatEvent } from "../../gen/ts/callwire/v1/event_pb.ts";
import { type Session, SessionAnomalySchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { ParticipantState, TriggerSchema } from "../../gen/ts/callwire/v1/state_pb.ts";
import { normaliseBody } from "../../src/events/normalise-body.ts";
import { foldSessionEvent, isRedactionActive } from "../../src/sessions/fold.ts";
import { newSession, type SessionState } from "../../src/sessions/session-state.ts";
import { contactCentre, type Post } from "../../src/simulator/contact-centre.ts";

/** What the simulated contact centre did, and the trigger that the fold must find in what it sent. */
const triggerOf: Record<string, string> = {
  "call-waiting": "CALL_QUEUED",
  "call-inbound-ringing": "CALL_RINGING",
  "call-inbound-connected": "CALL_ANSWERED",
  "call-outbound-dialing": "CALL_DIALING",
  "call-outbound-connected": "CALL_OUTBOUND_CONNECTED",
  "call-held": "CALL_HELD",
  "call-unheld": "CALL_UNHELD",
  "call-muted": "CALL_MUTED",
  "call-unmuted": "CALL_UNMUTED",
  "call-redacted": "CALL_REDACTED",
  "call-unredacted": "CALL_UNREDACTED",
  "call-transferred-cold": "CALL_TRANSFERRED_COLD",
  "call-conferenced-warm": "CALL_CONFERENCED_WARM",
  "call-participant-disconnect": "CALL_PARTICIPANT_LEFT",
  "call-inbound-disconnected": "CALL_ENDED",
  "call-outbound-disconnected": "CALL_ENDED",
  "third-party-dialing": "CALL_DIALING",
  "third-party-connected": "CALL_OUTBOUND_CONNECTED",
  "third-party-held": "CALL_HELD",
  "third-party-unheld": "CALL_UNHELD",
  "external-start": "CALL_UPDATED",
  "external-routing": "CALL_UPDATED",
  "external-assigned": "CALL_UPDATED",
  "external-active": "CALL_ANSWERED",
  "external-end": "CALL_ENDED",
  "external-final": "CALL_WRAPPED_UP",
  "chat-started": "CHAT_STARTED",
  "chat-waiting": "CHAT_WAITING",
  "chat-accepted": "CHAT_ACCEPTED",
  "chat-connected": "CHAT_CONNECTED",
  "chat-disconnected": "CHAT_ENDED",
};

class Centre {
  readonly states = new Map<string, SessionState>();
  #offset = 0;

  /** Folds a post's events; the trigger of the last. */
  take({ source, body }: Post): string {
    const normalised = normaliseBody(Buffer.from(body), {
      maxJsonDepth: 64,
      maxEventBytes: 1024 * 1024,
      maxBodyItems: 1_000,
    });
    if (!normalised.ok) return "";
    let trigger = "";
    for (const item of normalised.items) {
      if (!item.ok || item.event.payload.case === "agent") continue;
      const { payload, eventTime } = item.event;
      const id = payload.case === "call" ? payload.value.callId : payload.value.chatId;
      const key = `${source} ${payload.case} ${id}`;
      const state = this.states.get(key) ?? newSession(payload.case, id, source);
      this.states.set(key, state);
      const offset = BigInt(++this.#offset);
      const receivedTime = { $typeName: "google.protobuf.Timestamp" as const, seconds: offset, nanos: 0 };
      const meaning = foldSessionEvent(state, payload.value, { offset, receivedTime, eventTime }, () => undefined);
      expectSound(state.session, payload.value);
      trigger = TriggerSchema.value[meaning.trigger]!.localName;
    }
    return trigger;
  }
}

/** What holds of every session after every event, however odd the sequence. */
function expectSound(session: Session, event: CallEvent | ChatEvent): void {
  for (const leg of session.participants) {
    const isOn = leg.connection !== ParticipantState.DISCONNECTED;
    expect(isOn || !(leg.held || leg.muted || leg.redacted)).toBe(true);
    if (!session.open) expect(isOn).toBe(false);
  }
  const redacted = session.participants.filter((leg) => leg.redacted).map(({ leg }) => leg);
  const openSpans = session.redactionSpans.filter(({ endOffset }) => endOffset === 0n).map(({ leg }) => leg);
  expect(openSpans.sort()).toEqual(redacted.sort());
  expect(isRedactionActive(session)).toBe(redacted.length > 0);
  const said = event.participants.some(({ state }) => state === ParticipantState.REDACTED);
  if (session.open && said && !session.anomalies.includes(3)) expect(redacted.length).toBeGreaterThan(0);
  expect(session.agents.filter(({ leftOffset }) => leftOffset === 0n).length).toBe(
    session.participants.filter(({ type, connection }) => type === 1 && connection === ParticipantState.CONNECTED)
      .length,
  );
}

describe("the fold of a contact centre", () => {
  it.each([1, 2, 3, 4, 5])("finds what happened from what the source sent (seed %i)", (seed) => {
    const centre = new Centre();
    for (const post of contactCentre({ seed, calls: 300 })) {
      const trigger = centre.take(post);
      if (post.what.startsWith("agent-")) continue;
      expect(trigger, `${post.what} of ${post.sessionKey}: ${post.body}`).toBe(triggerOf[post.what]);
    }
    const odd = new Set<string>();
    for (const { session } of centre.states.values()) {
      expect(session.open, session.sessionId).toBe(false);
      for (const anomaly of session.anomalies) odd.add(SessionAnomalySchema.value[anomaly]!.localName);
    }
    expect([...odd].filter((name) => name !== "IMPLICIT_LEAVE" && name !== "FIRST_SEEN_CONNECTED")).toEqual([]);
  });

  it.each([1, 2, 3])("stays sound when posts are doubled, swapped and lost (seed %i)", (seed) => {
    const centre = new Centre();
    let number = 0;
    for (const post of contactCentre({ seed, calls: 200, duplicates: 0.2, reorder: 0.3, garbage: 0.1 })) {
      if (++number % 7 !== 0) centre.take(post);
    }
    expect(centre.states.size).toBeGreaterThan(150);
  });
});
