/** IngestService: events by RPC. What the items hold is the log's business; here their outer shape is checked. */
import { create, toBinary } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type IngestService,
  type PublishItem,
  PublishItemSchema,
  type PublishResult,
  PublishResultSchema,
  PublishStatus,
  type PublishStreamRequest,
  PublishStreamRequestSchema,
  type PublishStreamResponse,
  PublishStreamResponseSchema,
} from "../../gen/ts/callwire/v1/ingest_pb.ts";
import type { Access } from "../auth/access.ts";
import type { OpenStreams } from "../auth/open-streams.ts";
import type { Quotas } from "../auth/quotas.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError, type FieldViolation, invalidField } from "../errors/callwire-error.ts";
import { controlCharacter } from "../events/fields.ts";
import { timestampMs } from "../fanout/position.ts";
import type { GatewayLog, ItemOutcome } from "../log/gateway-log.ts";
import { accessOf, addressOf } from "./caller.ts";
import { toConnectError } from "./connect-error.ts";
import { checkStrict } from "./decode-strict.ts";
import { OrderedAnswers } from "./ordered-answers.ts";
import { requestBytes } from "./preflight.ts";

export interface IngestDeps {
  log: GatewayLog;
  limits: Limits;
  streams: OpenStreams;
  quotas: Quotas;
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

const publishStreamPath = "/callwire.v1.IngestService/PublishStream";

function sizeOf({ items, encoded }: Batch): number {
  return encoded?.length ?? items.reduce((sum, item) => sum + toBinary(PublishItemSchema, item).length, 0);
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

async function publish(deps: IngestDeps, batch: Batch, access: Access): Promise<PublishResult[]> {
  const tenant = access.tenant(batch.tenant, deps.log.tenants);
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
  deps.quotas.admitPublish(tenant, access.policy, batch.items.length, () => sizeOf(batch));
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
  access: Access,
  address: string,
): AsyncGenerator<PublishStreamResponse> {
  const answers = new OrderedAnswers<PublishStreamResponse>(maxBatchesUnderWay);
  const ending = new AbortController();
  const facts = { rpc: publishStreamPath, address, tenant: access.onlyTenant(deps.log.tenants) };
  const leave = deps.streams.open(access.policy, facts, (error) => {
    ending.abort(error);
    answers.finish(error);
  });
  const reading = submitAll(deps, requests, answers, access, ending.signal);
  try {
    yield* answers;
  } finally {
    leave();
    answers.stop();
  }
  await reading;
}

async function submitAll(
  deps: IngestDeps,
  requests: AsyncIterable<PublishStreamRequest>,
  answers: OrderedAnswers<PublishStreamResponse>,
  access: Access,
  ending: AbortSignal,
): Promise<void> {
  let [tenant, source] = ["", ""];
  try {
    for await (const request of requests) {
      ending.throwIfAborted();
      checkStrict(PublishStreamRequestSchema, request);
      tenant = request.tenant === "" ? tenant : request.tenant;
      source = request.source === "" ? source : request.source;
      const { items, sequence } = request;
      const answer = publish(deps, { tenant, source, items }, access);
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
      const batch = { tenant, source, items, encoded: requestBytes(context) };
      return { results: await publish(deps, batch, accessOf(context)) };
    },
    publishStream: (requests, context) => typed(publishStream(deps, requests, accessOf(context), addressOf(context))),
  };
}
