/** `callwire calls`: the open calls and chats, as a table that is kept up to date on a terminal. */
import type { Command } from "commander";
import { CallStatus, type WatchCallsResponse } from "../../gen/ts/callwire/v1/call_pb.ts";
import { type Session, SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { addGatewayFlags, callTimeoutMs, type Gateway, type GatewayFlags, withGateway } from "./client.ts";
import { paintFor } from "./event-line.ts";
import { addFilterFlags, buildFilters, type FilterFlags } from "./filter-flags.ts";
import { interruption } from "./interruption.ts";
import { jsonLine, print } from "./output.ts";
import { sessionCells, sessionHeading, table } from "./session-line.ts";

interface CallsFlags extends GatewayFlags, FilterFlags {
  watch?: boolean;
  closed?: boolean;
  json?: boolean;
}

const clearScreen = "\u001b[H\u001b[2J";
/** The table is drawn anew this often, so that its durations move. */
const redrawMs = 1_000;

export function addCalls(program: Command): void {
  const command = program.command("calls").description("show the open calls and chats");
  addFilterFlags(addGatewayFlags(command))
    .option("--watch", "keep the table up to date; with --json print each change")
    .option("--closed", "show those that have ended instead")
    .option("--json", "print one canonical ProtoJSON Session a line")
    .addHelpText(
      "after",
      `
Examples:
  callwire calls --watch --queue support
  callwire calls --closed --agent 1234 --json`,
    )
    .action((flags: CallsFlags) => calls(flags));
}

async function calls(flags: CallsFlags): Promise<void> {
  await withGateway(flags, (gateway) => (flags.watch && !flags.closed ? watch(gateway, flags) : list(gateway, flags)));
}

function show(sessions: readonly Session[], flags: CallsFlags): string {
  if (flags.json) return sessions.map((session) => jsonLine(SessionSchema, session)).join("");
  if (sessions.length === 0) return flags.closed ? "no closed calls\n" : "no open calls\n";
  const now = Date.now();
  return table([sessionHeading, ...sessions.map((session) => sessionCells(session, now))], paintFor(process.stdout));
}

async function list({ calls: client }: Gateway, flags: CallsFlags): Promise<void> {
  const filters = buildFilters(flags);
  const status = flags.closed ? CallStatus.CLOSED : CallStatus.OPEN;
  const sessions: Session[] = [];
  let pageToken = "";
  do {
    const request = { tenant: flags.tenant ?? "", filters, status, pageToken, pageSize: 1_000 };
    const page = await client.listCalls(request, { timeoutMs: callTimeoutMs });
    sessions.push(...page.sessions);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  await print(show(sessions, flags));
}

/** The view that WatchCalls describes: the open sessions by their first offset. */
class OpenCalls {
  readonly #sessions = new Map<bigint, Session>();

  apply({ sessions, notice }: WatchCallsResponse): void {
    if (notice.case === "snapshotBegin") this.#sessions.clear();
    for (const session of sessions) {
      if (session.open) this.#sessions.set(session.firstOffset, session);
      else this.#sessions.delete(session.firstOffset);
    }
  }

  get sorted(): Session[] {
    return [...this.#sessions.values()].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  }
}

async function watch({ calls: client }: Gateway, flags: CallsFlags): Promise<void> {
  const { signal, stop } = interruption();
  const open = new OpenCalls();
  const draw = (): Promise<void> => print(`${process.stdout.isTTY ? clearScreen : ""}${show(open.sorted, flags)}`);
  const timer = flags.json || !process.stdout.isTTY ? undefined : setInterval(() => void draw(), redrawMs);
  try {
    const request = { tenant: flags.tenant ?? "", filters: buildFilters(flags) };
    for await (const response of client.watchCalls(request, { signal })) {
      open.apply(response);
      if (flags.json) await print(show(response.sessions, flags));
      else if (response.notice.case !== "snapshotBegin" && response.cursor !== "") await draw();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(timer);
    stop();
  }
}
