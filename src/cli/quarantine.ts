/** `callwire quarantine`: input that could not be accepted, to look at, to retry and to discard. */
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type Command, Option } from "commander";
import {
  type QuarantinedEvent,
  QuarantinedEventSchema,
  type RetryResult,
  RetryResultSchema,
} from "../../gen/ts/callwire/v1/admin_pb.ts";
import { addGatewayFlags, callTimeoutMs, type Gateway, type GatewayFlags, withGateway } from "./client.ts";
import { harmless } from "./event-line.ts";
import { AlreadyReported } from "./failure.ts";
import { jsonLine, print, say } from "./output.ts";
import { UsageError, wholeNumber } from "./usage.ts";

interface ListFlags extends GatewayFlags {
  source?: string;
  reason?: string;
  limit?: number;
  json?: boolean;
}

interface SelectFlags extends GatewayFlags {
  all?: boolean;
  json?: boolean;
}

export function addQuarantine(program: Command): void {
  const quarantine = program.command("quarantine").description("look at, retry or discard input that was not accepted");
  addGatewayFlags(quarantine.command("list").description("list the entries, oldest first"))
    .option("--source <id>", "only of this source")
    .option("--reason <reason>", "only with this reason, such as MALFORMED_JSON")
    .option("--limit <n>", "print at most this many (default: all)", wholeNumber("--limit", 1))
    .option("--json", "print one canonical ProtoJSON QuarantinedEvent a line")
    .action((flags: ListFlags) => list(flags));
  addGatewayFlags(quarantine.command("show <id>").description("print an entry with its content"))
    .option("--json", "print the entry as canonical ProtoJSON (content in base64)")
    .action((id: string, flags: SelectFlags) => show(id, flags));
  addGatewayFlags(quarantine.command("retry [ids...]").description("offer entries to the journal again"))
    .option("--all", "every entry of the tenant")
    .option("--json", "print one canonical ProtoJSON RetryResult a line")
    .action((ids: string[], flags: SelectFlags) => retry(ids, flags));
  addGatewayFlags(quarantine.command("discard [ids...]").description("delete entries for good"))
    .addOption(new Option("--all", "every entry of the tenant"))
    .action((ids: string[], flags: SelectFlags) => discard(ids, flags));
}

async function list(flags: ListFlags): Promise<void> {
  await withGateway(flags, async ({ admin }) => {
    const { tenant = "", source = "", reason = "" } = flags;
    let left = flags.limit ?? Number.POSITIVE_INFINITY;
    let pageToken = "";
    do {
      const request = { tenant, source, reason, pageToken, pageSize: Math.min(left, 1_000) };
      const page = await admin.listQuarantinedEvents(request, { timeoutMs: callTimeoutMs });
      const entries = page.events.slice(0, left);
      const lines = entries.map((entry) =>
        flags.json ? jsonLine(QuarantinedEventSchema, entry) : `${summary(entry)}\n`,
      );
      await print(lines.join(""));
      left -= entries.length;
      pageToken = page.nextPageToken;
    } while (pageToken !== "" && left > 0);
  });
}

async function show(id: string, flags: SelectFlags): Promise<void> {
  await withGateway(flags, async ({ admin }) => {
    const event = await wholeEntry(admin, flags.tenant ?? "", id);
    if (flags.json) return print(jsonLine(QuarantinedEventSchema, event));
    const content = new TextDecoder().decode(event.content).split("\n").map(harmless).join("\n");
    return print(`${summary(event)}\n${content}\n`);
  });
}

/** A large entry comes in parts. */
async function wholeEntry(admin: Gateway["admin"], tenant: string, id: string): Promise<QuarantinedEvent> {
  const parts: Uint8Array[] = [];
  let contentOffset = 0n;
  for (;;) {
    const request = { tenant, id, contentOffset };
    const { event, nextContentOffset } = await admin.getQuarantinedEvent(request, { timeoutMs: callTimeoutMs });
    if (event === undefined) throw new Error(`the gateway has no content for entry ${id}.`);
    parts.push(event.content);
    if (nextContentOffset === 0n) return { ...event, content: Buffer.concat(parts) };
    contentOffset = nextContentOffset;
  }
}

async function retry(ids: string[], flags: SelectFlags): Promise<void> {
  const request = select(ids, flags);
  await withGateway(flags, async ({ admin }) => {
    const { results } = await admin.retryQuarantinedEvents(request, { timeoutMs: callTimeoutMs });
    await print(
      results.map((result) => (flags.json ? jsonLine(RetryResultSchema, result) : `${outcome(result)}\n`)).join(""),
    );
    const refused = results.filter((result) => !result.accepted).length;
    say(`${results.length - refused} accepted, ${refused} refused again.`);
    if (refused > 0) throw new AlreadyReported();
  });
}

async function discard(ids: string[], flags: SelectFlags): Promise<void> {
  const request = select(ids, flags);
  await withGateway(flags, async ({ admin }) => {
    const { discardedCount } = await admin.discardQuarantinedEvents(request, { timeoutMs: callTimeoutMs });
    say(`${discardedCount} discarded.`);
  });
}

function select(ids: string[], flags: SelectFlags): { tenant: string; ids: string[]; all: boolean } {
  if (ids.length > 0 !== (flags.all ?? false)) return { tenant: flags.tenant ?? "", ids, all: flags.all ?? false };
  throw new UsageError("name the entries, or give --all, and not both.");
}

function summary(entry: QuarantinedEvent): string {
  const last = entry.lastReceivedTime === undefined ? "" : timestampDate(entry.lastReceivedTime).toISOString();
  const times = entry.count === 1n ? "once" : `${entry.count} times`;
  const facts = [entry.id, last, entry.source, times, `${entry.sizeBytes} bytes`, entry.reason];
  return `${facts.join("  ")}: ${harmless(entry.message)}`;
}

function outcome(result: RetryResult): string {
  if (result.accepted) return `${result.id}  accepted  ${result.cursors.join(" ")}`;
  return `${result.id}  refused  ${result.reason}: ${harmless(result.message)}`;
}
