/** docs/calls.md names every trigger and every anomaly, and no other. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SessionAnomalySchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { TriggerSchema } from "../../gen/ts/callwire/v1/state_pb.ts";
import { precedence } from "../../src/sessions/triggers.ts";

const page = readFileSync(new URL("../../docs/calls.md", import.meta.url), "utf8");

/** The names in the first column of the table with a heading. */
function firstColumn(heading: string): string[] {
  const rows = page
    .slice(page.indexOf(`| ${heading} |`))
    .split("\n\n")[0]!
    .split("\n")
    .slice(2);
  return rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`(\w+)`/g)].map((match) => match[1]!));
}

const known = (names: readonly string[]): string[] => names.filter((name) => name !== "UNSPECIFIED").sort();

it("documents every trigger", () => {
  const names = TriggerSchema.values.map(({ localName }) => localName);
  expect(firstColumn("Trigger").sort()).toEqual(known(names));
});

it("documents every anomaly", () => {
  const names = SessionAnomalySchema.values.map(({ localName }) => localName);
  expect(firstColumn("Anomaly").sort()).toEqual(known(names));
});

it("has an order for every trigger of calls and chats", () => {
  const ordered = precedence.map((trigger) => TriggerSchema.value[trigger]!.localName);
  const names = TriggerSchema.values.map(({ localName }) => localName).filter((name) => !name.startsWith("AGENT_"));
  expect(ordered.sort()).toEqual(known(names));
});
