/** The messages that a mask reads and the class of each of their fields, from the options in the contract. */
import { type DescField, type DescMessage, getOption } from "@bufbuild/protobuf";
import { AgentSchema } from "../../gen/ts/callwire/v1/call_pb.ts";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { FieldClass, field_class, fields_class } from "../../gen/ts/callwire/v1/policy_pb.ts";
import { SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";

const classes = new WeakMap<DescField, FieldClass>();

function readClass(field: DescField): FieldClass {
  const own = getOption(field, field_class);
  return own === FieldClass.UNSPECIFIED ? getOption(field.parent, fields_class) : own;
}

/** The class of a field: its own, else that of its message; UNSPECIFIED when the contract gives neither. */
export function classOf(field: DescField): FieldClass {
  let known = classes.get(field);
  if (known === undefined) {
    known = readClass(field);
    classes.set(field, known);
  }
  return known;
}

/** `CallEvent.initiator`. */
export function nameOf(field: DescField): string {
  return `${field.parent.name}.${field.name}`;
}

/** The message of the contract that a field holds; undefined for others, such as timestamps, and for what is no message. */
export function partOf(field: DescField): DescMessage | undefined {
  return field.message?.file === undefined || !field.message.typeName.startsWith("callwire.v1.")
    ? undefined
    : field.message;
}

function reachable(from: DescMessage, found: Set<DescMessage>): Set<DescMessage> {
  if (found.has(from)) return found;
  found.add(from);
  for (const field of from.fields) {
    const part = partOf(field);
    if (part !== undefined) reachable(part, found);
  }
  return found;
}

/** Event, Session, Agent, and every message within them. */
export const maskedMessages: ReadonlySet<DescMessage> = [EventSchema, SessionSchema, AgentSchema].reduce(
  (found, root) => reachable(root, found),
  new Set<DescMessage>(),
);

/** Their fields, by name. */
export const maskedFields: ReadonlyMap<string, DescField> = new Map(
  [...maskedMessages].flatMap(({ fields }) => fields.map((field) => [nameOf(field), field])),
);
