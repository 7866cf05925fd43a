/** `callwire publish`: offers events in files or on stdin to a source, and prints what became of each. */
import { create } from "@bufbuild/protobuf";
import type { Command } from "commander";
import {
  PublishEventsRequestSchema,
  type PublishItem,
  PublishItemSchema,
  type PublishResult,
  PublishResultSchema,
  PublishStatus,
  PublishStatusSchema,
} from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { addGatewayFlags, callTimeoutMs, type Gateway, type GatewayFlags, withGateway } from "./client.ts";
import { wordOf } from "./enum-words.ts";
import { harmless, type Paint, paintFor } from "./event-line.ts";
import { AlreadyReported } from "./failure.ts";
import { jsonLine, print, say } from "./output.ts";
import { type Document, readDocuments } from "./publish-input.ts";

interface PublishFlags extends GatewayFlags {
  source: string;
  idempotencyPrefix?: string;
  json?: boolean;
}

export function addPublish(program: Command): void {
  const command = program
    .command("publish")
    .description("publish events: one JSON document a file, or JSON lines")
    .argument("<file...>", 'files to read, or "-" for stdin');
  addGatewayFlags(command)
    .option("--source <id>", "the source that the events belong to", "ccai")
    .option("--idempotency-prefix <text>", "key the items <text>-1, <text>-2, ...: the same run again adds nothing")
    .option("--json", "print one canonical ProtoJSON PublishResult a line")
    .addHelpText(
      "after",
      `
Examples:
  callwire publish call-ringing.json call-connected.json
  producer | callwire publish - --idempotency-prefix import-7`,
    )
    .action((files: string[], flags: PublishFlags) => withGateway(flags, (gateway) => publish(gateway, files, flags)));
}

async function publish(gateway: Gateway, files: string[], flags: PublishFlags): Promise<void> {
  const totals = { accepted: 0, duplicates: 0, rejected: 0 };
  const paint = paintFor(process.stdout);
  let published = 0;
  for (const file of files) {
    for await (const batch of readDocuments(file)) {
      const items = batch.map((document) => toItem(document, ++published, flags.idempotencyPrefix));
      const request = create(PublishEventsRequestSchema, { tenant: flags.tenant ?? "", source: flags.source, items });
      const { results } = await gateway.ingest.publishEvents(request, { timeoutMs: callTimeoutMs });
      for (const { status } of results) {
        if (status === PublishStatus.ACCEPTED) totals.accepted++;
        else if (status === PublishStatus.DUPLICATE) totals.duplicates++;
        else totals.rejected++;
      }
      await print(results.map((result, index) => line(batch[index]!, result, flags, paint)).join(""));
    }
  }
  say(`${totals.accepted} accepted, ${totals.duplicates} duplicates, ${totals.rejected} rejected.`);
  if (totals.rejected > 0) throw new AlreadyReported();
}

function toItem(document: Document, number: number, prefix: string | undefined): PublishItem {
  return create(PublishItemSchema, {
    event: { case: "json", value: document.text },
    idempotencyKey: prefix === undefined ? "" : `${prefix}-${number}`,
  });
}

function line(document: Document, result: PublishResult, flags: PublishFlags, paint: Paint): string {
  if (flags.json) return jsonLine(PublishResultSchema, result);
  const status = wordOf(PublishStatusSchema, result.status);
  const style = result.status === PublishStatus.REJECTED ? "red" : "green";
  const rest = result.status === PublishStatus.REJECTED ? `${result.reason}: ${result.message}` : result.cursor;
  return `${document.place}  ${paint(style, status)}  ${harmless(rest)}\n`;
}
