/** The batch that a request holds, whichever way it was read. */
import { toBinary } from "@bufbuild/protobuf";
import {
  PublishEventsRequestSchema,
  type PublishItem,
  PublishItemSchema,
  PublishStreamRequestSchema,
} from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { CallwireError, type FieldViolation } from "../errors/callwire-error.ts";
import { controlCharacter } from "../events/fields.ts";
import { timestampMs } from "../fanout/position.ts";
import type { PublishItems } from "../log/gateway-log.ts";
import { decodeStrict } from "./decode-strict.ts";
import { lookThrough, maxKeyBytes, type PlainRequest } from "./plain-request.ts";

export interface Batch {
  tenant: string;
  source: string;
  itemCount: number;
  items: PublishItems;
  /** Of the items' encoding; asked for only where it is bounded. */
  byteLength(): number;
  /** What is wrong with items as such. */
  violations(): FieldViolation[];
}

function itemViolations(item: PublishItem, index: number): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const key = item.idempotencyKey;
  if (controlCharacter.test(key) || Buffer.byteLength(key) > maxKeyBytes) {
    const description = `at most ${maxKeyBytes} bytes without control characters`;
    violations.push({ field: `items[${index}].idempotency_key`, description });
  }
  if (item.eventTime !== undefined) {
    try {
      timestampMs(item.eventTime, `items[${index}].event_time`);
    } catch (error) {
      if (error instanceof CallwireError) violations.push(...error.fieldViolations);
    }
  }
  return violations;
}

/** @param encoded the request that the items came in, when its encoding is at hand */
export function batchOfItems(
  { tenant, source, items }: { tenant: string; source: string; items: PublishItem[] },
  encoded?: Uint8Array,
): Batch {
  return {
    tenant,
    source,
    itemCount: items.length,
    items: encoded ?? items,
    byteLength: () => encoded?.length ?? items.reduce((sum, item) => sum + toBinary(PublishItemSchema, item).length, 0),
    violations: () => items.flatMap(itemViolations),
  };
}

function batchOfPlain({ tenant, source, itemCount }: PlainRequest, encoded: Uint8Array): Batch {
  return {
    tenant,
    source,
    itemCount,
    items: encoded,
    byteLength: () => encoded.length,
    violations: () => [],
  };
}

/** @throws CallwireError as decodeStrict */
export function readEventsBatch(bytes: Buffer): Batch {
  const plain = lookThrough(PublishEventsRequestSchema, bytes);
  if (plain !== undefined) return batchOfPlain(plain, bytes);
  return batchOfItems(decodeStrict(PublishEventsRequestSchema, bytes, "proto"), bytes);
}

/** @throws CallwireError as decodeStrict */
export function readStreamBatch(bytes: Buffer): { batch: Batch; sequence: bigint } {
  const plain = lookThrough(PublishStreamRequestSchema, bytes);
  if (plain !== undefined) return { batch: batchOfPlain(plain, bytes), sequence: BigInt(plain.sequence) };
  const message = decodeStrict(PublishStreamRequestSchema, bytes, "proto");
  return { batch: batchOfItems(message, bytes), sequence: message.sequence };
}
