/**
 * What one writes first with Connect: an ordinary Connect handler with a queue a subscriber. It
 * serialises every event for every subscriber. Events come in by PublishEvents and are not stored.
 */
import { createServer } from "node:http2";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { type Event, EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { IngestService, type PublishEventsResponseSchema } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { type SubscribeResponseSchema, SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";

const subscribers = new Set<(events: Event[]) => void>();
let offset = 0n;

async function* subscribe(signal: AbortSignal): AsyncGenerator<MessageInitShape<typeof SubscribeResponseSchema>> {
  let waiting: Event[] = [];
  let wake = Promise.withResolvers<void>();
  const push = (events: Event[]): void => {
    waiting.push(...events);
    wake.resolve();
  };
  subscribers.add(push);
  signal.addEventListener("abort", () => wake.resolve());
  yield {};
  while (!signal.aborted) {
    await wake.promise;
    wake = Promise.withResolvers();
    const events = waiting;
    waiting = [];
    yield { events };
  }
  subscribers.delete(push);
}

const handler = connectNodeAdapter({
  routes(router) {
    router.rpc(SubscriptionService.method.subscribe, (_, context) => subscribe(context.signal));
    router.rpc(
      IngestService.method.publishEvents,
      ({ items }): MessageInitShape<typeof PublishEventsResponseSchema> => {
        const events = items.map((item) => {
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
        for (const push of subscribers) push(events);
        return { results: items.map(() => ({ status: 1 })) };
      },
    );
  },
});
const server = createServer(handler);
process.on("SIGTERM", () => process.exit(0));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(`listening on http://127.0.0.1:${address.port}`);
});
