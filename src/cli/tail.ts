/** `callwire tail`: live and historic events as they are delivered, across reconnects, resumable by a cursor file. */
import { create } from "@bufbuild/protobuf";
import type { Command } from "commander";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import {
  type SubscribeRequest,
  SubscribeRequestSchema,
  type SubscribeResponse,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { CatchUp } from "./catch-up.ts";
import { callTimeoutMs, type Gateway, withGateway } from "./client.ts";
import { CursorFile, loadCursorFile, type SavedPosition } from "./cursor-file.ts";
import { formatEvent, type Paint, paintFor } from "./event-line.ts";
import { CommandFailure, describeFailure, reasonOf } from "./failure.ts";
import { type FollowStep, follow } from "./follow.ts";
import { interruption } from "./interruption.ts";
import { jsonLine, print, say, statusLine } from "./output.ts";
import { addRangeFlags, buildRange, type RangeFlags } from "./range-flags.ts";

interface TailFlags extends RangeFlags {
  cursorFile?: string;
  wait?: boolean;
}

type TailClient = Gateway["subscriptions"];

const progressIntervalMs = 5_000;

export function addTail(program: Command): void {
  const command = program.command("tail").description("show events as they come, from any position on");
  addRangeFlags(command, "latest")
    .option("--cursor-file <file>", "resume from this file when it exists, and keep it up to date")
    .option("--wait", "keep trying when the gateway cannot be reached at the start")
    .addHelpText(
      "after",
      `
Examples:
  callwire tail --queue support --direction incoming
  callwire tail --agent 1234 --from 10m
  callwire tail --from earliest --json --cursor-file seen.cursor > events.jsonl`,
    )
    .action((flags: TailFlags) => tail(flags));
}

async function tail(flags: TailFlags): Promise<void> {
  const request = create(SubscribeRequestSchema, buildRange(flags, Date.now()));
  const saved = flags.cursorFile === undefined ? undefined : loadCursorFile(flags.cursorFile);
  if (saved !== undefined) request.position = { case: "afterCursor", value: saved.cursor };
  const cursorFile = flags.cursorFile === undefined ? undefined : new CursorFile(flags.cursorFile);
  try {
    await withGateway(flags, (gateway) => {
      const session = new TailSession(flags, gateway.url, saved, cursorFile);
      return session.run(gateway.subscriptions, request).catch((error: unknown) => {
        throw explainLostPosition(error, flags.cursorFile);
      });
    });
  } finally {
    statusLine.clear();
    cursorFile?.flush();
  }
}

/** A position that cannot be resumed from is the reader's decision to make; says how to make it here. */
function explainLostPosition(error: unknown, cursorFile: string | undefined): unknown {
  const reason = reasonOf(error);
  if (reason !== "EPOCH_MISMATCH" && reason !== "CURSOR_EXPIRED" && reason !== "CURSOR_AHEAD") return error;
  const forget = cursorFile === undefined ? "" : `delete ${cursorFile} and `;
  const skip = reason === "CURSOR_EXPIRED" ? ", or use --on-expired skip" : "";
  return new CommandFailure(`${describeFailure(error)} Here: ${forget}start with --from earliest${skip}.`);
}

class TailSession {
  #flags: TailFlags;
  #url: string;
  #paint: Paint = paintFor(process.stdout);
  #catchUp = new CatchUp();
  #position: SavedPosition;
  #cursorFile: CursorFile | undefined;

  constructor(flags: TailFlags, url: string, saved: SavedPosition | undefined, cursorFile: CursorFile | undefined) {
    this.#flags = flags;
    this.#url = url;
    this.#position = saved ?? { cursor: "", filterDigest: "" };
    this.#cursorFile = cursorFile;
  }

  async run(client: TailClient, request: SubscribeRequest): Promise<void> {
    const { signal, stop } = interruption();
    if (process.stderr.isTTY) this.#learnHead(client, request.tenant);
    const waitForGateway = this.#flags.wait ?? false;
    try {
      for await (const step of follow(client, request, { signal, progressIntervalMs, waitForGateway })) {
        if (step.kind === "response") await this.#onResponse(step.response);
        else say(describeStep(step, this.#url));
      }
    } finally {
      stop();
    }
  }

  /** Only for the status line, so a failure is left to the stream to tell. */
  #learnHead(client: TailClient, tenant: string): void {
    client.getLogInfo({ tenant }, { timeoutMs: callTimeoutMs }).then(
      ({ newestCursor }) => this.#catchUp.aimAt(newestCursor),
      () => {},
    );
  }

  async #onResponse(response: SubscribeResponse): Promise<void> {
    this.#noteFilters(response.filterDigest);
    this.#sayNotice(response);
    if (response.events.length > 0) {
      statusLine.clear();
      await print(response.events.map((event) => this.#line(event)).join(""));
    }
    if (response.cursor !== "") this.#position = { ...this.#position, cursor: response.cursor };
    if (this.#position.cursor !== "") this.#cursorFile?.note(this.#position);
    this.#catchUp.onResponse(response);
  }

  #line(event: SubscribeResponse["events"][number]): string {
    return this.#flags.json ? jsonLine(EventSchema, event) : `${formatEvent(event, this.#paint)}\n`;
  }

  #noteFilters(digest: string): void {
    if (digest === "") return;
    const before = this.#position.filterDigest;
    if (before !== "" && before !== digest) {
      say(
        "the filters have changed since the cursor was saved; what they newly cover before it is not shown (FILTER_CHANGED).",
      );
    }
    this.#position = { ...this.#position, filterDigest: digest };
  }

  #sayNotice({ notice, unresolvedAgentEmails }: SubscribeResponse): void {
    if (unresolvedAgentEmails.length > 0) {
      say(
        `no login has told yet whose address this is: ${unresolvedAgentEmails.join(", ")}; calls match once one does.`,
      );
    }
    if (notice.case === "gap") {
      const { fromCursor, toCursor } = notice.value;
      say(`GAP: events after ${fromCursor} up to ${toCursor} are past retention and cannot be shown.`);
    }
    if (notice.case === "fellBehind") {
      say("fell behind: this reader is too slow for the live stream; events now come from the journal, none is lost.");
    }
    if (notice.case === "goingAway") say("the gateway is going away.");
  }
}

function describeStep(step: Exclude<FollowStep, { kind: "response" }>, url: string): string {
  if (step.kind === "resumed") return `connected again, resuming after ${step.cursor}.`;
  const silent = `no sign of life for ${Math.round(step.silentMs / 1000)} s`;
  const why = step.error === undefined ? silent : describeFailure(step.error, url);
  return `the stream is down: ${why.replace(/\.$/, "")}. Trying again in ${(step.delayMs / 1000).toFixed(1)} s.`;
}
