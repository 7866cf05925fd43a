/**
 * Whether the party that a value names is an agent, by what the encoded message around it shows. What names an agent is
 * public, what may name anybody else is personal; so whatever is not known to be an agent's counts as another's.
 */
import type { DescField } from "@bufbuild/protobuf";
import { CallEventSchema, ChatEventSchema, EventSchema, ParticipantSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import {
  AgentSpanSchema,
  ParticipantSpanSchema,
  SessionParticipantSchema,
  SessionSchema,
} from "../../gen/ts/callwire/v1/session_pb.ts";
import { ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { WireReader } from "../wire/wire-reader.ts";

/** The parties of an event's own message, by the numbers of their fields. */
interface EventParties {
  participants: number;
  id: number;
  type: number;
  /** Agents' ids that the message has besides. */
  agentIds: readonly number[];
  /** Parties that are agents whatever their type, and their ids. */
  agents: number;
  agentId: number;
}

/** How the party of a field is found. */
export type PartyRule =
  | { by: "type"; type: number }
  | { by: "leg"; leg: number }
  | { by: "name"; parties: EventParties };

const none = 0;
const participant = ParticipantSchema.field;
const leg = SessionParticipantSchema.field;
const agentSpan = AgentSpanSchema.field;
const session = SessionSchema.field;

function inEvent(participants: DescField): PartyRule {
  const parties = {
    participants: participants.number,
    id: participant.participantId.number,
    type: participant.type.number,
    agentIds: [],
    agents: none,
    agentId: none,
  };
  return { by: "name", parties };
}

const inSession: PartyRule = {
  by: "name",
  parties: {
    participants: session.participants.number,
    id: leg.participantId.number,
    type: leg.type.number,
    agentIds: [session.firstAgentId.number, session.lastAgentId.number],
    agents: session.agents.number,
    agentId: agentSpan.agentId.number,
  },
};

/** The fields whose class is that of the party they name. */
export const partyRules: ReadonlyMap<DescField, PartyRule> = new Map<DescField, PartyRule>([
  [participant.participantId, { by: "type", type: participant.type.number }],
  [leg.participantId, { by: "type", type: leg.type.number }],
  [ParticipantSpanSchema.field.participantId, { by: "leg", leg: ParticipantSpanSchema.field.leg.number }],
  [CallEventSchema.field.initiator, inEvent(CallEventSchema.field.participants)],
  [ChatEventSchema.field.initiator, inEvent(ChatEventSchema.field.participants)],
  [session.initiator, inSession],
]);

const agentPrefix = new TextEncoder().encode("agent_");
const nothing = new Uint8Array(0);

/** Reads encoded messages for their parties. */
export class Parties {
  readonly #outer = new WireReader(nothing);
  readonly #inner = new WireReader(nothing);
  /** Of the session surveyed last: whether all parties of a leg are agents. */
  readonly #legs = new Map<number, boolean>();

  /** Whether redaction is active in the Event that the bytes hold from a place on. */
  isRedactedEvent(bytes: Uint8Array, start: number): boolean {
    return this.#numberIn(bytes, start, bytes.length, EventSchema.field.redactionActive.number) !== 0;
  }

  /** Learns the legs of a Session; true when one of its participants is redacted. */
  surveySession(bytes: Uint8Array, start: number, end: number): boolean {
    let redacted = false;
    this.#legs.clear();
    this.#outer.moveTo(bytes, start);
    while (this.#outer.next(end)) {
      const { field, contentAt, end: endOfPart } = this.#outer;
      if (field === session.agents.number) {
        this.#learnLeg(this.#numberIn(bytes, contentAt, endOfPart, agentSpan.leg.number), true);
      } else if (field === session.participants.number) {
        if (this.#surveyParticipant(bytes, contentAt, endOfPart)) redacted = true;
      }
    }
    return redacted;
  }

  /** Whether the value of a field names an agent. The message is the one that has the field. */
  isAgent(
    rule: PartyRule,
    bytes: Uint8Array,
    messageStart: number,
    messageEnd: number,
    valueStart: number,
    valueEnd: number,
  ): boolean {
    switch (rule.by) {
      case "type":
        return this.#numberIn(bytes, messageStart, messageEnd, rule.type) === ParticipantType.AGENT;
      case "leg":
        return this.#legs.get(this.#numberIn(bytes, messageStart, messageEnd, rule.leg)) === true;
      case "name":
        return this.#namesAgent(rule.parties, bytes, messageStart, messageEnd, valueStart, valueEnd);
    }
  }

  #learnLeg(number: number, isAgent: boolean): void {
    if (number !== 0) this.#legs.set(number, isAgent && this.#legs.get(number) !== false);
  }

  /** True when the participant is redacted. */
  #surveyParticipant(bytes: Uint8Array, start: number, end: number): boolean {
    const inner = this.#inner;
    let number = 0;
    let isAgent = false;
    let redacted = false;
    inner.moveTo(bytes, start);
    while (inner.next(end)) {
      if (inner.field === leg.leg.number) number = inner.number();
      else if (inner.field === leg.type.number) isAgent = inner.number() === ParticipantType.AGENT;
      else if (inner.field === leg.redacted.number) redacted = inner.number() !== 0;
    }
    this.#learnLeg(number, isAgent);
    return redacted;
  }

  #numberIn(bytes: Uint8Array, start: number, end: number, field: number): number {
    const inner = this.#inner;
    let value = 0;
    inner.moveTo(bytes, start);
    while (inner.next(end)) if (inner.field === field) value = inner.number();
    return value;
  }

  /** An agent of that id is among the parties, and nobody else has it. */
  #namesAgent(
    parties: EventParties,
    bytes: Uint8Array,
    messageStart: number,
    messageEnd: number,
    start: number,
    end: number,
  ): boolean {
    const outer = this.#outer;
    let found = false;
    outer.moveTo(bytes, messageStart);
    while (outer.next(messageEnd)) {
      const { field, contentAt } = outer;
      if (field === parties.participants) {
        this.#readParty(bytes, contentAt, outer.end, parties.id, parties.type);
        if (this.#partyIsAgent) found ||= isSameAgent(bytes, start, end, this.#idStart, this.#idEnd);
        else if (isSame(bytes, start, end, this.#idStart, this.#idEnd)) return false;
      } else if (field === parties.agents) {
        this.#readParty(bytes, contentAt, outer.end, parties.agentId, none);
        found ||= isSameAgent(bytes, start, end, this.#idStart, this.#idEnd);
      } else if (parties.agentIds.includes(field)) {
        found ||= isSameAgent(bytes, start, end, contentAt, outer.end);
      }
    }
    return found;
  }

  /** Of the party read last: whether it is an agent, and where its id stands. */
  #partyIsAgent = false;
  #idStart = 0;
  #idEnd = 0;

  #readParty(bytes: Uint8Array, start: number, end: number, id: number, type: number): void {
    const inner = this.#inner;
    this.#partyIsAgent = false;
    this.#idStart = 0;
    this.#idEnd = 0;
    inner.moveTo(bytes, start);
    while (inner.next(end)) {
      if (inner.field === id) {
        this.#idStart = inner.contentAt;
        this.#idEnd = inner.end;
      } else if (inner.field === type) this.#partyIsAgent = inner.number() === ParticipantType.AGENT;
    }
  }
}

function isSame(bytes: Uint8Array, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  const length = end - start;
  if (length === 0 || otherEnd - otherStart !== length) return false;
  for (let index = 0; index < length; index++) if (bytes[start + index] !== bytes[otherStart + index]) return false;
  return true;
}

/** Agents' ids compare without the prefix that chats put before them. */
function isSameAgent(bytes: Uint8Array, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  return isSame(bytes, bareStart(bytes, start, end), end, bareStart(bytes, otherStart, otherEnd), otherEnd);
}

function bareStart(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < agentPrefix.length) return start;
  for (let index = 0; index < agentPrefix.length; index++)
    if (bytes[start + index] !== agentPrefix[index]) return start;
  return start + agentPrefix.length;
}
