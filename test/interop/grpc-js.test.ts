/** @grpc/grpc-js, a client that shares no code with the gateway. */
import { create, type DescMethod, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IngestService } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { ErrorInfoSchema } from "../../gen/ts/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/ts/google/rpc/status_pb.ts";
import { type RunningGateway, runningGateway } from "./running-gateway.ts";

let running: RunningGateway;
let client: Client;
beforeAll(async () => {
  running = await runningGateway();
  client = new Client(new URL(running.gateway.url).host, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await running.dispose();
});

const pathOf = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;

function unary<M extends DescMethod>(method: M, init: MessageInitShape<M["input"]>, deadlineMs = 120_000) {
  const encode = (request: object): Buffer => Buffer.from(toBinary(method.input, request as never));
  const decode = (bytes: Buffer) => fromBinary(method.output, bytes);
  const request = create(method.input as M["input"], init) as object;
  return new Promise<Record<string, unknown>>((resolve, reject) => {
    const options = { deadline: Date.now() + deadlineMs };
    client.makeUnaryRequest(pathOf(method), encode, decode, request, new Metadata(), options, (error, response) => {
      if (error === null) resolve(response as unknown as Record<string, unknown>);
      else reject(error);
    });
  });
}

function subscribe(init: MessageInitShape<typeof SubscriptionService.method.subscribe.input>, deadlineMs = 120_000) {
  const method = SubscriptionService.method.subscribe;
  const encode = (request: object): Buffer => Buffer.from(toBinary(method.input, request as never));
  const decode = (bytes: Buffer) => fromBinary(method.output, bytes);
  const request = create(method.input, init);
  const options = { deadline: Date.now() + deadlineMs };
  return client.makeServerStreamRequest(pathOf(method), encode, decode, request, new Metadata(), options);
}

describe("@grpc/grpc-js", () => {
  it("publishes, subscribes from a cursor, and cancels", async () => {
    const published = await unary(IngestService.method.publishEvents, {
      source: "ccai",
      items: [{ event: { case: "json", value: '{"call_id":"js-1","state":"ringing"}' } }],
    });
    const [{ cursor }] = published.results as [{ cursor: string }];
    const stream = subscribe({ position: { case: "afterCursor", value: `${cursor.split("-")[0]}-0` } });
    const ids: string[] = [];
    for await (const { events } of stream) {
      for (const { payload } of events) if (payload.case === "call") ids.push(payload.value.callId);
      if (ids.length > 0) break;
    }
    expect(ids).toEqual(["js-1"]);
    stream.cancel();
  });

  it("gets the reason of a failure in the trailers", async () => {
    const refused = unary(SubscriptionService.method.listEvents, {
      position: { case: "afterCursor", value: "00000000-1" },
    });
    const error = (await refused.catch((reason: unknown) => reason)) as ServiceError;
    expect(error.code).toBe(status.FAILED_PRECONDITION);
    const [details] = error.metadata.get("grpc-status-details-bin");
    const info = fromBinary(StatusSchema, details as Buffer).details.find(({ typeUrl }) =>
      typeUrl.endsWith("ErrorInfo"),
    );
    expect(fromBinary(ErrorInfoSchema, info!.value)).toMatchObject({ domain: "callwire", reason: "EPOCH_MISMATCH" });
  });

  it("sees its deadline end a stream", async () => {
    const stream = subscribe({}, 300);
    const error = await new Promise<ServiceError>((resolve) => stream.on("error", resolve).resume());
    expect(error.code).toBe(status.DEADLINE_EXCEEDED);
  });
});
