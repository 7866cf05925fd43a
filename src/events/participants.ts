/** The parties of a call or chat, from whichever list a feed sends. */
import type { Participant } from "../../gen/ts/callwire/v1/event_pb.ts";
import { ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { formOf } from "./field-names.ts";
import { Fields, type Path } from "./fields.ts";
import { isObject, type JsonObject } from "./json-text.ts";
import { participantStates, participantTypes } from "./vocabulary.ts";

/** External session events may nest the agent's id and name. */
function withNestedAgent(entry: JsonObject, path: Path, fields: Fields): Fields {
  const agent = fields.get("agent");
  if (!isObject(agent)) return fields;
  const own = new Fields(agent, path, fields.notes);
  // An agent's own type tells humans from machines, not agents from external parties.
  const untyped = Object.fromEntries(Object.entries(agent).filter(([key]) => formOf(key) !== "type"));
  const identified = { ...untyped, agent_id: own.get("agentid", "id") };
  const nested = new Fields(identified, () => `${fields.pathOf("agent")}.`, fields.notes);
  return new Fields(entry, path, fields.notes, nested);
}

function participant(entry: JsonObject, path: Path, parent: Fields): Participant {
  const fields = withNestedAgent(entry, path, new Fields(entry, path, parent.notes));
  const type = fields.word(participantTypes, "UNKNOWN_PARTICIPANT_TYPE", "type");
  const state = fields.word(participantStates, "UNKNOWN_STATE", "state", "status");
  // An agent's id, given as such, says what kind of party this is when nothing else does.
  const isAgent = fields.get("type") === undefined && fields.get("agentid", "virtualagentid") !== undefined;
  return {
    $typeName: "callwire.v1.Participant",
    // The most telling id first: a bare `id` may number the entry and not the party.
    participantId: fields.id("participantid", "agentid", "virtualagentid", "dn", "enduserid", "id"),
    type: isAgent ? ParticipantType.AGENT : type.value,
    typeText: type.text,
    state: state.value,
    stateText: state.text,
    agentNumber: fields.text("agentnumber"),
    name: fields.text("name", "agentname"),
    mediaId: fields.text("mediaid"),
  };
}

/** The source's list, and whether it sent none that can be read. A lone object is a list of one. */
export function participantsOf(fields: Fields): { participants: Participant[]; omitted: boolean } {
  const given = fields.get("participants", "participant");
  if (given === undefined) return { participants: [], omitted: true };
  const isList = Array.isArray(given);
  const entries: unknown[] = isList ? given : [given];
  const participants: Participant[] = [];
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    const path = () => `${fields.pathOf("participants", "participant")}${isList ? `[${index}]` : ""}.`;
    if (isObject(entry)) participants.push(participant(entry, path, fields));
    else fields.notes.add("FIELD_IGNORED");
  }
  // A list of which nothing could be read does not say that nobody is left.
  return { participants, omitted: participants.length === 0 && !(isList && entries.length === 0) };
}
