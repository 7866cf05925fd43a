/** Deliveries and statuses in the words of the protocol. */
import type { Delivery, EventDelivery, SubscriptionStatus } from "../src/index.ts";

export function deliveryLine(delivery: Exclude<Delivery, EventDelivery>): object {
  switch (delivery.kind) {
    case "gap":
      return { kind: "gap", from_cursor: delivery.fromCursor, to_cursor: delivery.toCursor };
    case "snapshot":
      return {
        kind: "snapshot",
        session_ids: delivery.sessions.map(({ sessionId }) => sessionId),
        cursor: delivery.cursor,
      };
    case "filterChanged":
      return { kind: "filter_changed", previous_digest: delivery.previousDigest, digest: delivery.digest };
    case "goingAway":
      return { kind: "going_away", retry_after_ms: delivery.retryAfterMs };
  }
}

/** Undefined for what the protocol leaves out. */
export function statusLine(status: SubscriptionStatus): object | undefined {
  switch (status.kind) {
    case "connected":
      return { kind: "connected" };
    case "reconnecting": {
      const { attempt, delayMs, cause } = status;
      return { kind: "reconnecting", attempt, delay_ms: Math.round(delayMs), code: cause.code, reason: cause.reason };
    }
    case "caughtUp":
      return { kind: "caught_up" };
    case "fellBehind":
      return { kind: "fell_behind" };
    case "progress":
      return undefined;
  }
}
