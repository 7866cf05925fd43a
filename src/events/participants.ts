/** The parties of a call or chat, from whichever list a feed sends. */
import { create } from "@bufbuild/protobuf";
import { type Participant, ParticipantSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { Fields } from "./fields.ts";
import { isObject, type JsonObject } from "./json-text.ts";
import { participantStates, participantTypes } from "./vocabulary.ts";

const externalIdNames = ["participantid", "dn", "id", "enduserid"];
const agentIdNames = ["agentid", "virtualagentid"];

/** External session events may nest the agent's id and name. */
function withNestedAgent(entry: JsonObject, fields: Fields): Fields {
  const agent = fields.get("agent");
  if (!isObject(agent)) return fields;
  const nested: JsonObject = {};
  for (const [key, value] of Object.entries(agent)) nested[key === "id" ? "agent_id" : key] = value;
  return new Fields(fields.path("agent"), fields.notes, entry, nested);
}

function participant(entry: JsonObject, parent: Fields, index: number): Participant {
  const own = new Fields(parent.path(`participants[${index}]`), parent.notes, entry);
  const fields = withNestedAgent(entry, own);
  const message = create(ParticipantSchema);
  const id = fields.id(...externalIdNames, ...agentIdNames);
  if (id !== undefined && id !== "") message.participantId = id;
  const type = fields.word(participantTypes, "UNKNOWN_PARTICIPANT_TYPE", "type");
  message.type = type.value;
  message.typeText = type.text;
  if (!fields.has("type") && fields.get(...agentIdNames) !== undefined) message.type = ParticipantType.AGENT;
  const state = fields.word(participantStates, "UNKNOWN_STATE", "state", "status");
  message.state = state.value;
  message.stateText = state.text;
  message.agentNumber = fields.text("agentnumber");
  message.name = fields.text("name", "agentname");
  message.mediaId = fields.text("mediaid");
  return message;
}

/** The source's list, and whether it sent none. A lone object is a list of one. */
export function participantsOf(fields: Fields): { participants: Participant[]; omitted: boolean } {
  const given = fields.get("participants", "participant");
  if (given === undefined) return { participants: [], omitted: true };
  const entries = Array.isArray(given) ? given : [given];
  const objects = entries.filter(isObject);
  if (objects.length < entries.length) fields.notes.add("FIELD_IGNORED");
  const omitted = !Array.isArray(given) && objects.length === 0;
  return { participants: objects.map((entry, index) => participant(entry, fields, index)), omitted };
}
