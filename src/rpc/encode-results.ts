/** The encoding of publish responses; a test holds it to the general encoder's bytes. */
import { PublishStatus } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import type { ItemOutcome } from "../log/gateway-log.ts";
import { WireWriter } from "../wire/wire-writer.ts";

function writeResult(to: WireWriter, outcome: ItemOutcome): void {
  switch (outcome.status) {
    case "accepted":
      to.number(1, PublishStatus.ACCEPTED);
      return to.text(2, outcome.cursor);
    case "duplicate":
      to.number(1, PublishStatus.DUPLICATE);
      return to.text(2, outcome.cursor);
    case "rejected":
      to.number(1, PublishStatus.REJECTED);
      to.text(3, outcome.reason);
      return to.text(4, outcome.message);
  }
}

const writer = new WireWriter();

/** A message of a gRPC stream, uncompressed. */
export function enveloped(message: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(5 + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}

/** A PublishEventsResponse. */
export function encodeEventsResponse(outcomes: readonly ItemOutcome[]): Uint8Array {
  writer.clear();
  for (const outcome of outcomes) writer.message(1, outcome, writeResult);
  return writer.take();
}

/** A PublishStreamResponse. */
export function encodeStreamResponse(sequence: bigint, outcomes: readonly ItemOutcome[]): Uint8Array {
  writer.clear();
  writer.long(1, sequence);
  for (const outcome of outcomes) writer.message(2, outcome, writeResult);
  return writer.take();
}
