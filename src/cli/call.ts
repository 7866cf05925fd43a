/** `callwire call ID`: the story of one call or chat, event by event, with what each one means. */
import { create } from "@bufbuild/protobuf";
import type { Command } from "commander";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { type Session, SessionAnomalySchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { EventView, StartPosition } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { addGatewayFlags, callTimeoutMs, type Gateway, type GatewayFlags, withGateway } from "./client.ts";
import { wordOf } from "./enum-words.ts";
import { formatEvent, paintFor } from "./event-line.ts";
import { jsonLine, print } from "./output.ts";
import { sessionCells, sessionHeading, table } from "./session-line.ts";

interface CallFlags extends GatewayFlags {
  chat?: boolean;
  source?: string;
  json?: boolean;
}

export function addCall(program: Command): void {
  const command = program.command("call <id>").description("tell the story of one call or chat");
  addGatewayFlags(command)
    .option("--chat", "the id is a chat's")
    .option("--source <id>", "the source that reports it, when several do")
    .option("--json", "print its events, one canonical ProtoJSON Event in the full view a line")
    .action((id: string, flags: CallFlags) => withGateway(flags, (gateway) => tellStory(gateway, id, flags)));
}

async function tellStory(gateway: Gateway, id: string, flags: CallFlags): Promise<void> {
  const { tenant = "", source = "" } = flags;
  const name = { case: flags.chat ? ("chatId" as const) : ("callId" as const), value: id };
  const { session } = await gateway.calls.getCall({ tenant, id: name, source }, { timeoutMs: callTimeoutMs });
  if (session === undefined) throw new Error(`the gateway has no session for ${id}.`);
  const paint = paintFor(process.stdout);
  if (!flags.json) await print(`${table([sessionHeading, sessionCells(session, Date.now())], paint)}\n`);
  const ids = flags.chat ? { chatIds: [id] } : { callIds: [id] };
  const filters = { story: create(FilterSchema, { ...ids, sources: [session.source] }) };
  let pageToken = "";
  do {
    const page = await gateway.subscriptions.listEvents(
      {
        tenant,
        filters,
        view: EventView.FULL,
        position: { case: "start", value: StartPosition.EARLIEST },
        pageSize: 1_000,
        pageToken,
      },
      { timeoutMs: callTimeoutMs },
    );
    const events = page.events.filter(({ sessionOffset }) => sessionOffset === session.firstOffset);
    const lines = events.map((event) => (flags.json ? jsonLine(EventSchema, event) : `${formatEvent(event, paint)}\n`));
    await print(lines.join(""));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  if (!flags.json) await print(remarks(session));
}

/** What a reader should know beside the events. */
function remarks({ anomalies, truncated, seal }: Session): string {
  const lines: string[] = [];
  if (anomalies.length > 0) {
    lines.push(`Odd: ${anomalies.map((anomaly) => wordOf(SessionAnomalySchema, anomaly)).join(", ")}.`);
  }
  if (truncated) lines.push("Some of its context was left out for its size.");
  if (seal !== undefined) {
    const digest = Buffer.from(seal.digest).toString("hex");
    lines.push(`Sealed: ${seal.eventCount} events, ${seal.firstCursor} to ${seal.lastCursor}, digest ${digest}.`);
  }
  return lines.length === 0 ? "" : `\n${lines.join("\n")}\n`;
}
