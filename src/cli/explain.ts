/** `callwire explain CURSOR`: why filters match an event or not, clause by clause, and where each value came from. */
import type { Command } from "commander";
import {
  type ClauseExplanation,
  type ExplainEventResponse,
  ExplainEventResponseSchema,
  type FilterExplanation,
  ValueOrigin,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { addGatewayFlags, callTimeoutMs, type GatewayFlags, withGateway } from "./client.ts";
import { formatEvent, harmless, type Paint, paintFor } from "./event-line.ts";
import { addFilterFlags, buildFilters, type FilterFlags } from "./filter-flags.ts";
import { jsonLine, print } from "./output.ts";
import { isCursor } from "./position.ts";
import { UsageError } from "./usage.ts";

interface ExplainFlags extends GatewayFlags, FilterFlags {
  json?: boolean;
}

const origins: Partial<Record<ValueOrigin, string>> = {
  [ValueOrigin.CONTEXT]: "from the call's context",
  [ValueOrigin.REMOVED]: "taken away by this event",
  [ValueOrigin.HISTORY]: "from the call's history, since it ended",
};

export function addExplain(program: Command): void {
  const command = program.command("explain <cursor>").description("say why filters match an event or not");
  addFilterFlags(addGatewayFlags(command))
    .option("--json", "print the canonical ProtoJSON ExplainEventResponse")
    .addHelpText(
      "after",
      `
Example:
  callwire explain 1a2b3c4d-42 --queue support --agent 1234`,
    )
    .action((cursor: string, flags: ExplainFlags) => explain(cursor, flags));
}

async function explain(cursor: string, flags: ExplainFlags): Promise<void> {
  const filters = buildFilters(flags);
  if (Object.keys(filters).length === 0) throw new UsageError("give at least one filter to explain.");
  if (!isCursor(cursor)) throw new UsageError(`explain takes an event's cursor, such as 1a2b3c4d-42, not "${cursor}".`);
  await withGateway(flags, async ({ subscriptions }) => {
    const request = { tenant: flags.tenant ?? "", cursor, filters };
    const response = await subscriptions.explainEvent(request, { timeoutMs: callTimeoutMs });
    if (flags.json) return print(jsonLine(ExplainEventResponseSchema, response));
    return print(forPeople(response, paintFor(process.stdout)));
  });
}

function forPeople({ event, filters }: ExplainEventResponse, paint: Paint): string {
  const head = event === undefined ? "" : `${formatEvent(event, paint)}\n`;
  return `${head}${filters.map((filter) => filterLines(filter, paint)).join("")}`;
}

function verdict(matched: boolean, paint: Paint): string {
  return matched ? paint("green", "matches") : paint("red", "does not match");
}

function filterLines({ name, matched, clauses }: FilterExplanation, paint: Paint): string {
  const lines = clauses.map((clause) => `  ${clauseLine(clause, paint)}\n`);
  return `filter ${harmless(name)} ${verdict(matched, paint)}\n${lines.join("")}`;
}

function clauseLine({ field, matched, matchedValues, eventValues }: ClauseExplanation, paint: Paint): string {
  const shown = matched ? eventValues.filter(({ value }) => matchedValues.includes(value)) : eventValues;
  const values = shown.map(({ value, origin }) => {
    const from = origins[origin];
    return harmless(from === undefined ? value : `${value} (${from})`);
  });
  const has = matched ? "on" : "the event has";
  return `${field} ${verdict(matched, paint)}: ${has} ${values.join(", ") || "nothing"}`;
}
