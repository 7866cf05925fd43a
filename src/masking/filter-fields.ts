/** Which filters would tell of values that a mask hides. */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { FieldClass } from "../../gen/ts/callwire/v1/policy_pb.ts";
import { classOf, maskedFields, partOf } from "./classified-fields.ts";
import { actionOn, type MaskProfile } from "./mask-profile.ts";

/** What each field of Filter is compared with. */
const comparedWith: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    queue_ids: ["CallEvent.queue_path_ids", "ChatEvent.queue_path_ids"],
    queue_names: ["CallEvent.queue_path_names", "ChatEvent.queue_path_names"],
    queue_uuids: ["CallEvent.queue_uuid", "ChatEvent.queue_uuid"],
    agent_ids: ["AgentEvent.participant_id", "Participant.participant_id", "Agent.agent_id"],
    agent_emails: ["AgentEvent.email"],
    directions: ["CallEvent.direction", "ChatEvent.direction"],
    kinds: ["Event.agent", "Event.call", "Event.chat"],
    call_ids: ["CallEvent.call_id"],
    chat_ids: ["ChatEvent.chat_id"],
    call_states: ["CallEvent.state"],
    participant_states: ["Participant.state"],
    triggers: ["Event.trigger", "Event.changes"],
    languages: ["CallEvent.language", "ChatEvent.language"],
    participant_ids: ["AgentEvent.participant_id", "Participant.participant_id"],
    media_ids: ["CallEvent.media_id", "ChatEvent.media_id", "Participant.media_id"],
    sources: ["Event.source"],
    recording_permitted: ["CallEvent.recording_permitted"],
    chat_states: ["ChatEvent.state"],
  }),
);

/** Filters of agents' ids are compared with no other ids. */
const comparedWithAgents = "agent_ids";

function fieldsThatHold(message: DescMessage): DescField[] {
  return [...maskedFields.values()].filter((field) => partOf(field) === message);
}

function isHidden(field: DescField, profile: MaskProfile, as: FieldClass): boolean {
  if (actionOn(field, profile, as) !== "show") return true;
  return fieldsThatHold(field.parent).some((holder) => isHidden(holder, profile, classOf(holder)));
}

/** The fields of Filter, by name, that a profile's readers may not filter by; and any field that is not known. */
export function hiddenFilterFields(profile: MaskProfile): (filterField: string) => boolean {
  const shown = new Set<string>();
  for (const [filterField, names] of comparedWith) {
    const fields = names.map((name) => maskedFields.get(name)!);
    const as = (field: DescField) => (filterField === comparedWithAgents ? FieldClass.PUBLIC : classOf(field));
    if (!fields.some((field) => isHidden(field, profile, as(field)))) shown.add(filterField);
  }
  return (filterField) => !shown.has(filterField);
}
