/** IngestService: events by RPC. What the items hold is the log's business; here their outer shape is checked. */
import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type IngestService,
  type PublishItem,
  type PublishResult,
  PublishResultSchema,
  PublishStatus,
  type PublishStreamRequest,
  PublishStreamRequestSchema,
  type PublishStreamResponse,
  PublishStreamResponseSchema,
} from "../../gen/ts/callwire/v1/ingest_pb.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError, type FieldViolation, invalidField } from "../errors/callwire-error.ts";
import { controlCharacter } from "../events/fields.ts";
import { resolveTenant, timestampMs } from "../fanout/position.ts";
import type { GatewayLog, ItemOutcome } from "../log/gateway-log.ts";
import { toConnectError } from "./connect-error.ts";
import { checkStrict } from "./decode-strict.ts";
import { OrderedAnswers } from "./ordered-answers.ts";
import { requestBytes } from "./preflight.ts";

export interface IngestDeps {
  log: GatewayLog;
  limits: Limits;
  sourcesOf(tenant: string): readonly string[];
}

interface Batch {
  tenant: string;
  source: string;
  items: PublishItem[];
  /** The request that the items came in, when its encoding is at hand. */
  encoded?: Uint8Array | undefined;
}

/** Batches of one stream that may be under way; then no more is read. */
const maxBatchesUnderWay = 8;
const maxKeyBytes = 256;

const statuses: Record<ItemOutcome["status"], PublishStatus> = {
  accepted: PublishStatus.ACCEPTED,
  duplicate: PublishStatus.DUPLICATE,
  rejected: PublishStatus.REJECTED,
};

function result(outcome: ItemOutcome): PublishResult {
  const message = create(PublishResultSchema);
  message.status = statuses[outcome.status];
  if (outcome.status === "rejected") {
    message.reason = outcome.reason;
    message.message = outcome.message;
  } else {
    message.cursor = outcome.cursor;
  }
  return message;
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

async function publish(deps: IngestDeps, batch: Batch): Promise<PublishResult[]> {
  const tenant = resolveTenant(deps.log, batch.tenant);
  if (batch.source === "") throw invalidField("source", "required: a configured source of the tenant");
  if (!deps.sourcesOf(tenant).includes(batch.source)) {
    throw new CallwireError(
      "UNKNOWN_SOURCE",
      `tenant ${tenant} has no source ${JSON.stringify(batch.source.slice(0, 64))}`,
    );
  }
  const { maxPublishItems } = deps.limits;
  if (batch.items.length === 0) throw invalidField("items", `1 to ${maxPublishItems} items`);
  if (batch.items.length > maxPublishItems) {
    const message = `${batch.items.length} items, limits.max_publish_items is ${maxPublishItems}`;
    throw new CallwireError("TOO_MANY_ITEMS", message, { fieldViolations: [{ field: "items", description: message }] });
  }
  const fieldViolations = batch.items.flatMap(itemViolations);
  if (fieldViolations.length > 0) {
    const message = fieldViolations.map(({ field, description }) => `${field}: ${description}`).join("; ");
    throw new CallwireError("INVALID_FIELD", message, { fieldViolations });
  }
  return (await deps.log.submitItems(tenant, batch.source, batch.encoded ?? batch.items)).map(result);
}

/** Batches are submitted as they come and answered in their order, each once it is durable. */
async function* publishStream(
  deps: IngestDeps,
  requests: AsyncIterable<PublishStreamRequest>,
): AsyncGenerator<PublishStreamResponse> {
  const answers = new OrderedAnswers<PublishStreamResponse>(maxBatchesUnderWay);
  const reading = submitAll(deps, requests, answers);
  try {
    yield* answers;
  } finally {
    answers.stop();
  }
  await reading;
}

async function submitAll(
  deps: IngestDeps,
  requests: AsyncIterable<PublishStreamRequest>,
  answers: OrderedAnswers<PublishStreamResponse>,
): Promise<void> {
  let [tenant, source] = ["", ""];
  try {
    for await (const request of requests) {
      checkStrict(PublishStreamRequestSchema, request);
      tenant = request.tenant === "" ? tenant : request.tenant;
      source = request.source === "" ? source : request.source;
      const { items, sequence } = request;
      const answer = publish(deps, { tenant, source, items });
      if (!(await answers.add(answer.then((results) => create(PublishStreamResponseSchema, { sequence, results })))))
        return;
    }
    answers.finish();
  } catch (error) {
    answers.finish(error);
  }
}

async function* typed<T>(stream: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* stream;
  } catch (error) {
    throw toConnectError(error);
  }
}

export function ingestService(deps: IngestDeps): ServiceImpl<typeof IngestService> {
  return {
    async publishEvents({ tenant, source, items }, context) {
      return { results: await publish(deps, { tenant, source, items, encoded: requestBytes(context) }) };
    },
    publishStream: (requests) => typed(publishStream(deps, requests)),
  };
}
