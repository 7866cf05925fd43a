/** The page of browser.test.ts, with the client as its users install it. */
import { Client, StartPosition } from "@callwire/client/web";

/** Reads so many events from the oldest on, and cancels. Tells their offsets, what happened on the way, and how it ended. */
window.readAndCancel = async ({ url, protocol, events }) => {
  const client = new Client({ url, protocol, retry: { initialMs: 20, maxMs: 200 } });
  const offsets = [];
  const statuses = [];
  const subscription = client.subscribe({
    start: StartPosition.EARLIEST,
    maxBatchEvents: 10,
    onStatus: ({ kind }) => statuses.push(kind),
  });
  let outcome = "completed";
  try {
    for await (const delivery of subscription) {
      if (delivery.kind !== "event") continue;
      offsets.push(Number(delivery.event.offset));
      if (offsets.length === events) await subscription.cancel();
    }
  } catch (error) {
    outcome = error.code;
  }
  await client.close();
  return { offsets, statuses, outcome };
};
