/** Puts a text of its own into every field that has text, and tells which of them nobody with a mask may see. */
import { create, type DescMessage, getOption, type Message } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { FieldClass, field_class } from "../../gen/ts/callwire/v1/policy_pb.ts";
import { ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";

export interface Markers {
  shown: string[];
  hidden: string[];
}

/** Changes the message. No party of it is an agent afterwards, so that no id of a party may be shown. */
export function plantMarkers(type: DescMessage, message: Message): Markers {
  const markers: Markers = { shown: [], hidden: [] };
  plant(type, message, markers);
  return markers;
}

function plant(type: DescMessage, message: Message, markers: Markers): void {
  const fields = message as unknown as Record<string, unknown>;
  for (const field of type.fields) {
    const value = givenValue(fields, field.localName, field.oneof?.localName);
    if (value === undefined) continue;
    const marker = () => {
      const isShown = getOption(field, field_class) === FieldClass.PUBLIC;
      const text = `<${field.parent.name}.${field.name} ${markers.shown.length + markers.hidden.length}>`;
      (isShown ? markers.shown : markers.hidden).push(text);
      return text;
    };
    if (field.scalar === 9) {
      if (Array.isArray(value)) fields[field.localName] = value.map(marker);
      else if (value !== "") fields[field.localName] = marker();
    } else if (field.message?.typeName === ValueSchema.typeName) {
      fields[field.localName] = create(ValueSchema, { kind: { case: "stringValue", value: marker() } });
    } else if (field.message?.typeName.startsWith("callwire.v1.")) {
      for (const part of Array.isArray(value) ? value : [value]) plant(field.message, part as Message, markers);
    }
  }
  if (type.name === "Participant" || type.name === "SessionParticipant") fields.type = ParticipantType.EXTERNAL;
  if (type.name === "Session") fields.agents = withoutLegs(fields.agents as Message[]);
}

function givenValue(fields: Record<string, unknown>, name: string, oneof: string | undefined): unknown {
  if (oneof === undefined) return fields[name];
  const chosen = fields[oneof] as { case: string | undefined; value: unknown };
  return chosen.case === name ? chosen.value : undefined;
}

/** An agent's leg makes its spans public. */
function withoutLegs(agents: Message[]): Message[] {
  for (const agent of agents) (agent as unknown as { leg: number }).leg = 0;
  return agents;
}
