/**
 * What one writes first with @grpc/grpc-js: a set of streams, each written to with every event, which serialises it for
 * each. Events come in by PublishEvents and are neither filtered nor stored.
 */
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import {
  type PublishEventsRequest,
  PublishEventsRequestSchema,
  type PublishEventsResponse,
  PublishEventsResponseSchema,
  PublishResultSchema,
  PublishStatus,
} from "../../gen/ts/callwire/v1/ingest_pb.ts";
import {
  type SubscribeRequest,
  SubscribeRequestSchema,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";

function method<I extends DescMessage, O extends DescMessage>(
  path: string,
  input: I,
  output: O,
  responseStream: boolean,
): MethodDefinition<MessageShape<I>, MessageShape<O>> {
  return {
    path,
    requestStream: false,
    responseStream,
    requestSerialize: (message) => Buffer.from(toBinary(input, message)),
    requestDeserialize: (bytes) => fromBinary(input, bytes),
    responseSerialize: (message) => Buffer.from(toBinary(output, message)),
    responseDeserialize: (bytes) => fromBinary(output, bytes),
  };
}

const subscribers = new Set<ServerWritableStream<SubscribeRequest, SubscribeResponse>>();
const accepted = create(PublishResultSchema, { status: PublishStatus.ACCEPTED });
let offset = 0n;

function subscribe(stream: ServerWritableStream<SubscribeRequest, SubscribeResponse>): void {
  subscribers.add(stream);
  stream.on("cancelled", () => subscribers.delete(stream));
  stream.write(create(SubscribeResponseSchema));
}

function publishEvents(
  { request }: ServerUnaryCall<PublishEventsRequest, PublishEventsResponse>,
  answer: sendUnaryData<PublishEventsResponse>,
): void {
  const events = request.items.map((item) => {
    const event = create(EventSchema, {
      offset: ++offset,
      eventId: `e-${offset}`,
      tenant: "default",
      source: "ccai",
    });
    if (item.eventTime !== undefined) event.eventTime = item.eventTime;
    if (item.event.case === "call") event.payload = item.event;
    return event;
  });
  const response = create(SubscribeResponseSchema, { events });
  for (const subscriber of subscribers) subscriber.write(response);
  answer(null, create(PublishEventsResponseSchema, { results: events.map(() => accepted) }));
}

const service = "/callwire.v1.";
const server = new Server();
server.addService(
  {
    subscribe: method(`${service}SubscriptionService/Subscribe`, SubscribeRequestSchema, SubscribeResponseSchema, true),
    publishEvents: method(
      `${service}IngestService/PublishEvents`,
      PublishEventsRequestSchema,
      PublishEventsResponseSchema,
      false,
    ),
  },
  { subscribe, publishEvents },
);
process.on("SIGTERM", () => process.exit(0));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`listening on http://127.0.0.1:${port}`);
});
