/** Every field of the contract is classified, so that none can be shown by oversight. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type DescFile, type DescMessage, getOption } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { FieldClass, fields_class } from "../../gen/ts/callwire/v1/policy_pb.ts";
import { classOf, maskedMessages, nameOf } from "../../src/masking/classified-fields.ts";

const generated = join(import.meta.dirname, "../../gen/ts/callwire/v1");

async function files(): Promise<DescFile[]> {
  const modules = await Promise.all(readdirSync(generated).map((name) => import(join(generated, name))));
  return modules.flatMap((module: Record<string, unknown>) =>
    Object.entries(module).flatMap(([name, value]) =>
      name.startsWith("file_callwire_v1_") ? [value as DescFile] : [],
    ),
  );
}

function withNested(message: DescMessage): DescMessage[] {
  return [message, ...message.nestedMessages.flatMap(withNested)];
}

const messages = (await files()).flatMap((file) => file.messages).flatMap(withNested);

test("the messages of the contract are found", () => {
  expect(messages.length).toBeGreaterThan(50);
  expect([...maskedMessages].filter((message) => !messages.includes(message))).toEqual([]);
  expect([...maskedMessages].map(({ name }) => name)).toEqual(
    expect.arrayContaining(["Event", "CallEvent", "Participant", "Session", "ParticipantSpan", "Agent", "AgentCall"]),
  );
});

test("every field has a class", () => {
  const unclassified = messages
    .flatMap(({ fields }) => fields)
    .filter((field) => classOf(field) === FieldClass.UNSPECIFIED)
    .map(nameOf);
  expect(unclassified, "give each a `field_class`, or a wrapper's message a `fields_class`").toEqual([]);
});

test("messages within Event, Session and Agent are classified field by field", () => {
  const atOnce = [...maskedMessages]
    .filter((message) => getOption(message, fields_class) !== FieldClass.UNSPECIFIED)
    .map(({ name }) => name);
  expect(atOnce, "replace `fields_class` by a `field_class` for each field").toEqual([]);
});

test("the delicate fields of events are these", () => {
  const delicate = (as: FieldClass) =>
    [...maskedMessages].flatMap(({ fields }) => fields.filter((field) => classOf(field) === as).map(nameOf)).sort();
  expect(delicate(FieldClass.PERSONAL)).toEqual([
    "Agent.email",
    "AgentEvent.email",
    "AgentSpan.email",
    "CallEvent.agent_number",
    "CallEvent.initiator",
    "ChatEvent.agent_number",
    "ChatEvent.initiator",
    "ChatEvent.support_number",
    "Participant.agent_number",
    "Participant.name",
    "Participant.participant_id",
    "ParticipantSpan.participant_id",
    "Session.external_ids",
    "Session.initiator",
    "SessionParticipant.participant_id",
  ]);
  expect(delicate(FieldClass.SENSITIVE)).toEqual([
    "CallEvent.custom_headers",
    "ChatEvent.custom_headers",
    "Disposition.note",
    "Event.raw_json",
    "SessionSeal.digest",
  ]);
});
