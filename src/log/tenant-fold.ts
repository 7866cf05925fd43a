/** Folds a tenant's accepted events, in offset order, into blocks: what the sequencer does live and a rebuild does again. */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { SessionAnomaly } from "../../gen/ts/callwire/v1/session_pb.ts";
import { ParticipantType, type Trigger } from "../../gen/ts/callwire/v1/state_pb.ts";
import type { AcceptedEvent, EventPayload } from "../events/accepted-event.ts";
import type { KeyFacts } from "../sessions/context-keys.ts";
import {
  agentTrigger,
  expireSession,
  foldSessionEvent,
  isRedactionActive,
  type Meaning,
  sealSession,
} from "../sessions/fold.ts";
import type { Moment } from "../sessions/moment.ts";
import { newSession, type SessionState } from "../sessions/session-state.ts";
import type { AgentDirectory } from "./agent-directory.ts";
import { BlockBuilder, type BlockMeans, type BuiltBlock, timestampFromMs } from "./block-builder.ts";
import { formatCursor } from "./cursor.ts";
import type { SessionProposal } from "./envelope.ts";
import type { CachedSession, SessionCache } from "./session-cache.ts";

/** What the fold made of an event. */
export interface FoldedEvent {
  trigger: Trigger;
  changes: Trigger[];
  redactionActive: boolean;
  /** Offset of the session's first event; 0 for an event without a session. */
  sessionOffset: number;
  /** Offset of the session's event before; 0 when there is none. */
  previousOffset: number;
  keyFacts: KeyFacts | undefined;
  /** The session after this event, as it is until the next one is folded. */
  cached: CachedSession | undefined;
}

type SessionPayload = Exclude<EventPayload, { case: "agent" }>;

/** An event with its place. */
export interface PlacedEvent {
  event: AcceptedEvent;
  source: string;
  offset: number;
  receivedMs: number;
  firstReceivedMs: number | undefined;
  idempotencyKey: string;
  /** Set for the gateway's own event: what it proposes for a session. */
  proposal?: ({ action: "expire" | "seal" } & SessionProposal) | undefined;
}

export class TenantFold {
  readonly #tenant: string;
  readonly #epoch: string;
  readonly #sessions: SessionCache;
  readonly #agents: AgentDirectory;
  readonly #builder: BlockBuilder;
  readonly #onAnomaly: (anomaly: SessionAnomaly) => void;
  #receivedMs = 0;
  #receivedTime = timestampFromMs(0);

  /** @param onAnomaly is told each anomaly that a session shows for the first time */
  constructor(
    tenant: string,
    epoch: string,
    sessions: SessionCache,
    agents: AgentDirectory,
    means: BlockMeans,
    onAnomaly: (anomaly: SessionAnomaly) => void,
  ) {
    this.#tenant = tenant;
    this.#epoch = epoch;
    this.#sessions = sessions;
    this.#agents = agents;
    this.#onAnomaly = onAnomaly;
    this.#builder = new BlockBuilder({ tenant, epoch, emailOf: agents.emailOf, means });
  }

  add(placed: PlacedEvent): void {
    this.#learnAgents(placed);
    this.#builder.add(placed, this.#fold(placed));
  }

  /** A login tells which agent has which address; from then on the agent's calls can be found by it. */
  #learnAgents({ event: { payload }, source, offset, receivedMs }: PlacedEvent): void {
    if (payload.case === "agent") return this.#agents.learn(payload.value, source, offset, receivedMs);
    for (const { participantId, type } of payload.value.participants) {
      if (type === ParticipantType.AGENT && participantId !== undefined) this.#agents.name(participantId);
    }
  }

  #fold({ event, source, offset, receivedMs, proposal }: PlacedEvent): FoldedEvent {
    const { payload } = event;
    if (payload.case === "agent") return withoutSession(agentTrigger(payload.value.state));
    const id = payload.case === "call" ? payload.value.callId : payload.value.chatId;
    const at = { offset: BigInt(offset), receivedTime: this.#timeOf(receivedMs), eventTime: event.eventTime };
    if (id === "") return this.#foldNameless(payload, source, at);
    const cached = this.#sessions.get(this.#tenant, payload.case, source, id);
    const { state } = cached;
    const { session } = state;
    const previousOffset = Number(session.lastOffset);
    const known = session.anomalies.length;
    const { trigger, changes, replaced, gone } =
      proposal === undefined
        ? foldSessionEvent(state, payload.value, at, this.#agents.emailOf)
        : this.#settle(state, proposal.action, at);
    for (let at = known; at < session.anomalies.length; at++) this.#onAnomaly(session.anomalies[at]!);
    cached.lastMs = receivedMs;
    return {
      trigger,
      changes,
      redactionActive: isRedactionActive(session),
      sessionOffset: Number(session.firstOffset),
      previousOffset,
      keyFacts: { session, payload: payload.value, changes, replaced, gone },
      cached,
    };
  }

  /** Events without an id may be of any calls: each is judged by itself and belongs to no session. */
  #foldNameless({ case: kind, value }: SessionPayload, source: string, at: Moment): FoldedEvent {
    const alone = newSession(kind, "", source);
    const { changes, trigger } = foldSessionEvent(alone, value, at, this.#agents.emailOf);
    return { ...withoutSession(trigger), changes, redactionActive: isRedactionActive(alone.session) };
  }

  /** Events of a group have one time. */
  #timeOf(receivedMs: number): Timestamp {
    if (receivedMs !== this.#receivedMs) {
      this.#receivedMs = receivedMs;
      this.#receivedTime = timestampFromMs(receivedMs);
    }
    return this.#receivedTime;
  }

  #settle(state: SessionState, action: "expire" | "seal", at: Moment): Meaning {
    if (action === "expire") return expireSession(state, at, this.#agents.emailOf);
    return sealSession(state, at, (offset) => formatCursor(this.#epoch, Number(offset)));
  }

  finish(): BuiltBlock[] {
    return this.#builder.finish();
  }
}

function withoutSession(trigger: Trigger): FoldedEvent {
  return {
    trigger,
    changes: trigger === 0 ? [] : [trigger],
    redactionActive: false,
    sessionOffset: 0,
    previousOffset: 0,
    keyFacts: undefined,
    cached: undefined,
  };
}
