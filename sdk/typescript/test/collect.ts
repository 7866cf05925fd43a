/** Consumes a subscription until enough was seen. */
import type { Delivery, Subscription } from "../src/index.ts";

/** What a test compares: an event's offset, or the kind of anything else. */
export const brief = (delivery: Delivery): number | string =>
  delivery.kind === "event" ? Number(delivery.event.offset) : delivery.kind;

/** Runs until `count` deliveries were handled, then closes. */
export async function collect(subscription: Subscription, count: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  await subscription.run((delivery) => {
    deliveries.push(delivery);
    if (deliveries.length === count) void subscription.close();
  });
  return deliveries;
}
