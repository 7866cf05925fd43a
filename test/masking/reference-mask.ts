/** What a mask does, written slowly and plainly over decoded messages. */
import { createHmac } from "node:crypto";
import { type DescField, type DescMessage, fromBinary, getOption, type Message, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type CallEvent, type ChatEvent, type Event, EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { FieldClass, field_class } from "../../gen/ts/callwire/v1/policy_pb.ts";
import { type Session, SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import type { MaskAction, MaskProfile } from "../../src/masking/mask-profile.ts";

const sourceText = ["Event.raw_json", "CallEvent.custom_headers", "ChatEvent.custom_headers", "SessionSeal.digest"];

interface Context {
  profile: MaskProfile;
  redacted: boolean;
  session: Session | undefined;
}

export function referenceMask(type: DescMessage, bytes: Uint8Array, profile: MaskProfile): Message {
  const message = fromBinary(type, bytes);
  const redacted = type.typeName === EventSchema.typeName && (message as Event).redactionActive;
  maskMessage(reflect(type, message, false), { profile, redacted, session: undefined });
  const isChanged = Buffer.compare(toBinary(type, message), toBinary(type, fromBinary(type, bytes))) !== 0;
  if (isChanged && type.typeName === EventSchema.typeName) (message as Event).withheld = true;
  return message;
}

function isMasking({ personal, sensitive, fields }: MaskProfile): boolean {
  return [personal, sensitive, ...Object.values(fields)].some((action) => action !== "show");
}

function maskMessage(message: ReflectMessage, outer: Context): void {
  let context = outer;
  if (message.desc.typeName === SessionSchema.typeName) {
    const session = structuredClone(message.message) as Session;
    const redacted = outer.redacted || session.participants.some((party) => party.redacted);
    context = { ...outer, redacted, session };
  }
  const withholdsSensitive = context.redacted && !context.profile.privileged;
  if (withholdsSensitive || isMasking(context.profile)) delete message.message.$unknown;
  // Classes depend on parties, so all are judged before anything is changed.
  const actions = message.fields.map((field) => actionFor(field, message, context, withholdsSensitive));
  message.fields.forEach((field, index) => apply(actions[index]!, field, message, context));
}

function apply(action: MaskAction, field: DescField, message: ReflectMessage, context: Context): void {
  if (!message.isSet(field)) return;
  const value = message.get(field) as unknown;
  if (field.message?.typeName.startsWith("callwire.v1.") && action === "show") {
    const within = field.fieldKind === "list" ? [...(value as Iterable<ReflectMessage>)] : [value as ReflectMessage];
    for (const part of within) maskMessage(part, context);
  } else if (action === "drop" || (action !== "show" && field.scalar !== 9)) {
    message.clear(field);
  } else if (action !== "show") {
    const masked = (text: string) => maskText(text, action, context.profile.hashKey);
    const fields = message.message as unknown as Record<string, unknown>;
    const now = fields[field.localName];
    fields[field.localName] = Array.isArray(now) ? now.map(masked) : masked(now as string);
  }
}

function maskText(text: string, action: "last_four" | "hash", key: Uint8Array | undefined): string {
  if (text === "") return "";
  if (action === "hash") {
    const value = text.includes("@") ? text.toLowerCase() : text;
    return `h_${createHmac("sha256", key!).update(value).digest("hex").slice(0, 32)}`;
  }
  const characters = [...text];
  const hidden = characters.length <= 4 ? characters.length : characters.length - 4;
  return "*".repeat(hidden) + characters.slice(hidden).join("");
}

function actionFor(
  field: DescField,
  message: ReflectMessage,
  context: Context,
  withholdsSensitive: boolean,
): MaskAction {
  const name = `${field.parent.name}.${field.name}`;
  const declared = getOption(field, field_class);
  const { profile } = context;
  if (withholdsSensitive && declared === FieldClass.SENSITIVE) return "drop";
  if (isMasking(profile) && sourceText.includes(name)) return "drop";
  if (profile.fields[name] !== undefined) return profile.fields[name];
  const isPersonal = declared === FieldClass.PERSONAL && !namesAgent(field, message, context.session);
  if (isPersonal) return profile.personal;
  return declared === FieldClass.SENSITIVE ? profile.sensitive : "show";
}

const bare = (id: string) => id.replace(/^agent_/, "");

interface Party {
  participantId?: string | undefined;
  type: ParticipantType;
}

function namesAgent(field: DescField, { message }: ReflectMessage, session: Session | undefined): boolean {
  switch (`${field.parent.name}.${field.name}`) {
    case "Participant.participant_id":
    case "SessionParticipant.participant_id":
      return (message as unknown as Party).type === ParticipantType.AGENT;
    case "ParticipantSpan.participant_id":
      return session !== undefined && isAgentLeg((message as unknown as { leg: number }).leg, session);
    case "CallEvent.initiator":
    case "ChatEvent.initiator": {
      const event = message as CallEvent | ChatEvent;
      return isAgentAlone(event.initiator, event.participants, []);
    }
    case "Session.initiator": {
      const { initiator, participants, agents, firstAgentId, lastAgentId } = message as Session;
      return isAgentAlone(initiator, participants, [
        firstAgentId,
        lastAgentId,
        ...agents.map(({ agentId }) => agentId),
      ]);
    }
    default:
      return false;
  }
}

function isAgentLeg(leg: number, { participants, agents }: Session): boolean {
  const parties = participants.filter((party) => party.leg === leg);
  if (leg === 0 || parties.some(({ type }) => type !== ParticipantType.AGENT)) return false;
  return parties.length > 0 || agents.some((span) => span.leg === leg);
}

/** An agent has the id, and nobody else. */
function isAgentAlone(id: string, parties: readonly Party[], otherAgents: readonly string[]): boolean {
  if (bare(id) === "") return false;
  const others = parties.filter(({ type }) => type !== ParticipantType.AGENT);
  if (others.some(({ participantId }) => participantId === id)) return false;
  const agents = parties.filter(({ type }) => type === ParticipantType.AGENT).map((agent) => agent.participantId ?? "");
  return [...agents, ...otherAgents].some((agent) => bare(agent) === bare(id));
}
