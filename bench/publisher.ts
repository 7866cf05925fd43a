/** Publishers: PublishEvents in batches, and single-event webhooks. */
import { type ClientHttp2Session, connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { PublishEventsRequestSchema, type PublishItem, PublishItemSchema } from "../gen/ts/callwire/v1/ingest_pb.ts";
import { CallState, Direction } from "../gen/ts/callwire/v1/state_pb.ts";
import { WebhookConnection, webhookRequest } from "./webhook-connection.ts";

/** A typed call event whose BASIC encoding is about 190 bytes. */
export function smallCall(index: number): PublishItem {
  return create(PublishItemSchema, {
    event: {
      case: "call",
      value: {
        callId: `call-${index % 5_000}`,
        state: CallState.CONNECTED,
        direction: Direction.INCOMING,
        initiator: "+15550100",
        queuePathNames: ["support", "orders", "status"],
        language: "en",
        participants: [{ participantId: String(1_000 + (index % 50)), type: 1, state: 3 }],
        mediaId: "208188811_124248155@67.231.1.110",
      },
    },
  });
}

/** The source's own object, like the examples of the specification. */
export function realCall(index: number): string {
  return JSON.stringify({
    type: "CallState",
    item: {
      CallID: `${(index % 5_000).toString(16).padStart(12, "0")}`,
      State: "connected",
      Direction: "incoming",
      Initiator: "+123456789",
      Queue_path_ids: "1/2/3",
      Queue_path_names: "support/orders/status",
      Language: "en",
      Queue_uuid: 3,
      Recording_permitted: true,
      Participants: [
        { ParticipantID: "+123456789", Type: "external", State: "connected" },
        { ParticipantID: String(1_000 + (index % 50)), Type: "agent", State: "connected" },
      ],
      MediaID: "208188811_124248155@67.231.1.110",
    },
  });
}

const distinctBatches = 50;
const publishPath = "/callwire.v1.IngestService/PublishEvents";

/** Requests encoded beforehand, enveloped for gRPC, so that encoding them is no part of what is measured. */
function encodeBatches(batch: number, item: (index: number) => PublishItem): Buffer[] {
  return Array.from({ length: distinctBatches }, (_, index) => {
    const items = Array.from({ length: batch }, (__, at) => item(index * batch + at));
    const message = toBinary(PublishEventsRequestSchema, create(PublishEventsRequestSchema, { source: "ccai", items }));
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    return Buffer.concat([head, message]);
  });
}

function publishOnce(session: ClientHttp2Session, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      ":method": "POST",
      ":path": publishPath,
      "content-type": "application/grpc+proto",
      te: "trailers",
    };
    const stream = session.request(headers);
    let status: string | undefined;
    stream.on("trailers", (trailers) => {
      status = String(trailers["grpc-status"]);
    });
    stream.on("error", reject);
    stream.on("close", () => (status === "0" ? resolve() : reject(new Error(`grpc-status ${status}`))));
    stream.resume();
    stream.end(body);
  });
}

/** Publishes `total` events in batches of `batch` from `clients` connections that each wait for their answer. */
export async function publishBatches(
  url: string,
  options: { total: number; batch: number; clients: number; item: (index: number) => PublishItem },
): Promise<void> {
  const { total, batch, clients, item } = options;
  const bodies = encodeBatches(batch, item);
  const requests = Math.ceil(total / batch);
  let next = 0;
  const work = Array.from({ length: clients }, async () => {
    const session = connect(url);
    while (next < requests) await publishOnce(session, bodies[next++ % distinctBatches]!);
    session.close();
  });
  await Promise.all(work);
}

/**
 * Posts `total` single-event webhooks over so many connections, each waiting for its answer. Plain sockets and requests
 * made beforehand: an ordinary HTTP client would cost more than the server that is measured.
 */
export async function postWebhooks(base: string, total: number, connections: number): Promise<void> {
  const url = new URL("/webhooks/default/ccai", base);
  const requests = Array.from({ length: 1_000 }, (_, index) => webhookRequest(url, Buffer.from(realCall(index))));
  let sent = 0;
  const work = Array.from({ length: connections }, async () => {
    const connection = new WebhookConnection(url);
    while (sent < total) {
      const { status } = await connection.send(requests[sent++ % requests.length]!);
      if (status !== 200) throw new Error(`HTTP ${status}`);
    }
    connection.close();
  });
  await Promise.all(work);
}
