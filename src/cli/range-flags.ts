/** The flags that `tail` and `list` share besides the filters: where to begin and end, how much of each event, what scope. */
import { type Command, Option } from "commander";
import { EventView, ExpiredCursorPolicy, Scope } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { addGatewayFlags, type GatewayFlags } from "./client.ts";
import { addFilterFlags, buildFilters, type FilterFlags } from "./filter-flags.ts";
import { parseFrom, parseUntil } from "./position.ts";

export interface RangeFlags extends GatewayFlags, FilterFlags {
  from?: string;
  until?: string;
  view: "basic" | "full";
  scope: "event" | "call";
  onExpired: "fail" | "skip";
  json?: boolean;
}

export function addRangeFlags(command: Command, defaultFrom: string): Command {
  addGatewayFlags(command)
    .option("--from <position>", `earliest, latest, a cursor, a time, or how long ago (10m) (default: ${defaultFrom})`)
    .option("--until <position>", "end at a cursor (inclusive) or a time (exclusive)")
    .addOption(
      new Option("--view <view>", "full adds the session and the raw JSON").choices(["basic", "full"]).default("basic"),
    )
    .addOption(
      new Option("--scope <scope>", "call follows a call from its first match to its end")
        .choices(["event", "call"])
        .default("event"),
    )
    .addOption(
      new Option("--on-expired <policy>", "when the position is older than what is kept: fail, or skip what is gone")
        .choices(["fail", "skip"])
        .default("fail"),
    )
    .option("--json", "print one canonical ProtoJSON Event a line");
  return addFilterFlags(command);
}

/** The fields that SubscribeRequest and ListEventsRequest share. */
export function buildRange(flags: RangeFlags, nowMs: number) {
  return {
    tenant: flags.tenant ?? "",
    filters: buildFilters(flags),
    view: flags.view === "full" ? EventView.FULL : EventView.BASIC,
    scope: flags.scope === "call" ? Scope.CALL : Scope.EVENT,
    onExpired: flags.onExpired === "skip" ? ExpiredCursorPolicy.SKIP_WITH_GAP : ExpiredCursorPolicy.FAIL,
    ...(flags.from === undefined ? {} : { position: parseFrom(flags.from, nowMs) }),
    ...(flags.until === undefined ? {} : { end: parseUntil(flags.until, nowMs) }),
  };
}
