/** `callwire list`: a bounded read of history, page after page. */
import { create } from "@bufbuild/protobuf";
import type { Command } from "commander";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { type ListEventsRequest, ListEventsRequestSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { callTimeoutMs, type Gateway, withGateway } from "./client.ts";
import { formatEvent, paintFor } from "./event-line.ts";
import { jsonLine, print, say } from "./output.ts";
import { addRangeFlags, buildRange, type RangeFlags } from "./range-flags.ts";
import { wholeNumber } from "./usage.ts";

interface ListFlags extends RangeFlags {
  limit?: number;
  desc?: boolean;
}

const largestPage = 1_000;

export function addList(program: Command): void {
  const command = program.command("list").description("print events of the journal and end");
  addRangeFlags(command, "earliest")
    .option("--limit <n>", "print at most this many (default: all)", wholeNumber("--limit", 1))
    .option("--desc", "newest first")
    .addHelpText(
      "after",
      `
Examples:
  callwire list --desc --limit 20
  callwire list --call 846802bf90d1 --view full --json`,
    )
    .action((flags: ListFlags) => list(flags));
}

async function list(flags: ListFlags): Promise<void> {
  const request = create(ListEventsRequestSchema, {
    ...buildRange(flags, Date.now()),
    orderBy: flags.desc ? "offset desc" : "offset",
  });
  await withGateway(flags, (gateway) => printPages(gateway, request, flags));
}

async function printPages(gateway: Gateway, request: ListEventsRequest, flags: ListFlags): Promise<void> {
  const paint = paintFor(process.stdout);
  let left = flags.limit ?? Number.POSITIVE_INFINITY;
  do {
    request.pageSize = Math.min(left, largestPage);
    const page = await gateway.subscriptions.listEvents(request, { timeoutMs: callTimeoutMs });
    if (page.gap !== undefined) {
      say(
        `GAP: events after ${page.gap.fromCursor} up to ${page.gap.toCursor} are past retention and cannot be shown.`,
      );
    }
    const events = page.events.slice(0, left);
    await print(
      events.map((event) => (flags.json ? jsonLine(EventSchema, event) : `${formatEvent(event, paint)}\n`)).join(""),
    );
    left -= events.length;
    request.pageToken = page.nextPageToken;
  } while (request.pageToken !== "" && left > 0);
}
