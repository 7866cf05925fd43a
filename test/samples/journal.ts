/** Follows the call events of a gateway as they are journalled, by the generated stub alone: no SDK is under this test's feet. */
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { EventKind } from "../../gen/ts/callwire/v1/state_pb.ts";
import { StartPosition, SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { JournalEvent } from "./truth.ts";

/** Every call event of the source, from the oldest on, without end. */
export async function* callEvents(url: string): AsyncGenerator<JournalEvent> {
  const sessionManager = new Http2SessionManager(url);
  const { subscribe } = createClient(SubscriptionService, createGrpcTransport({ baseUrl: url, sessionManager }));
  try {
    const position = { case: "start" as const, value: StartPosition.EARLIEST };
    for await (const { events } of subscribe({ position, filters: { calls: { kinds: [EventKind.CALL] } } })) {
      for (const { payload, receivedTime, synthetic } of events) {
        if (payload.case !== "call" || synthetic) continue;
        yield { callId: payload.value.callId, receivedMs: timestampMs(receivedTime!) };
      }
    }
  } finally {
    sessionManager.abort();
  }
}
