/** IngestService over every protocol but binary gRPC, which publish-handler.ts serves. */
import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type IngestService,
  type PublishResult,
  PublishResultSchema,
  PublishStatus,
  type PublishStreamRequest,
  PublishStreamRequestSchema,
  type PublishStreamResponse,
  PublishStreamResponseSchema,
} from "../../gen/ts/callwire/v1/ingest_pb.ts";
import type { Access } from "../auth/access.ts";
import type { ItemOutcome } from "../log/gateway-log.ts";
import { accessOf, addressOf } from "./caller.ts";
import { toConnectError } from "./connect-error.ts";
import { checkStrict } from "./decode-strict.ts";
import { OrderedAnswers } from "./ordered-answers.ts";
import { requestBytes } from "./preflight.ts";
import { type IngestDeps, maxBatchesUnderWay, publish, publishStreamPath } from "./publish.ts";
import { batchOfItems } from "./publish-batch.ts";

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
      const answer = publish(deps, batchOfItems({ tenant, source, items }), access).then((outcomes) =>
        create(PublishStreamResponseSchema, { sequence, results: outcomes.map(result) }),
      );
      if (!(await answers.add(answer))) return;
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
    async publishEvents(request, context) {
      const batch = batchOfItems(request, requestBytes(context));
      return { results: (await publish(deps, batch, accessOf(context))).map(result) };
    },
    publishStream: (requests, context) => typed(publishStream(deps, requests, accessOf(context), addressOf(context))),
  };
}
