/** The two ways to consume, what counts as handled, and the ways to end. */
import { randomBytes } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { MemoryCheckpoint } from "../src/index.ts";
import { brief } from "./collect.ts";
import { cursor, events, first, saying, scripted, silence } from "./scripted.ts";

const threeEvents = [saying(first(0), events(1, 2, 3))];

async function listening(streams = threeEvents) {
  const checkpoint = new MemoryCheckpoint();
  const { client, requests } = await scripted(streams);
  return { checkpoint, client, requests, subscription: client.subscribe({ checkpoint }) };
}

describe("run", () => {
  it("does not count a delivery whose handler throws", async () => {
    const { checkpoint, subscription } = await listening();
    const broken = new Error("broken");
    const run = subscription.run((delivery) => {
      if (brief(delivery) === 2) throw broken;
    });
    await expect(run).rejects.toBe(broken);
    expect([subscription.cursor, checkpoint.load()?.cursor]).toEqual([cursor(1), cursor(1)]);
  });

  it("closes after the handler at work, and saves what it handled", async () => {
    const { checkpoint, subscription } = await listening();
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const seen: unknown[] = [];
    const run = subscription.run(async (delivery) => {
      seen.push(brief(delivery));
      entered.resolve();
      await release.promise;
    });
    await entered.promise;
    let closed = false;
    const closing = subscription.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(false);
    release.resolve();
    await closing;
    expect([await run, seen, checkpoint.load()?.cursor]).toEqual(["closed", [1], cursor(1)]);
  });

  it("is cancelled at once, without waiting for the handler, and saves what was handled", async () => {
    const { checkpoint, client } = await listening();
    const controller = new AbortController();
    const subscription = client.subscribe({ checkpoint, signal: controller.signal });
    const told = vi.fn();
    const run = subscription.run((delivery, signal) => {
      if (brief(delivery) !== 2) return;
      signal.addEventListener("abort", told);
      controller.abort("enough");
      return new Promise(() => {});
    });
    await expect(run).rejects.toMatchObject({ code: "CANCELLED", cause: "enough" });
    expect(told).toHaveBeenCalledOnce();
    expect(checkpoint.load()?.cursor).toBe(cursor(1));
  });
});

describe("a loop", () => {
  it("counts a delivery as handled when the next one is asked for", async () => {
    const { checkpoint, subscription } = await listening();
    const before: string[] = [];
    for await (const delivery of subscription) {
      before.push(subscription.cursor);
      if (brief(delivery) === 3) break;
    }
    expect(before).toEqual([cursor(0), cursor(1), cursor(2)]);
    expect(checkpoint.load()?.cursor).toBe(cursor(2));
  });

  it("counts the delivery in hand when it is left after close", async () => {
    const { checkpoint, subscription } = await listening();
    for await (const delivery of subscription) {
      if (brief(delivery) !== 2) continue;
      await subscription.close();
      break;
    }
    expect(checkpoint.load()?.cursor).toBe(cursor(2));
  });

  it("ends by itself after close", async () => {
    const { checkpoint, subscription } = await listening();
    const seen: unknown[] = [];
    for await (const delivery of subscription) {
      seen.push(brief(delivery));
      if (seen.length === 2) await subscription.close();
    }
    expect([seen, checkpoint.load()?.cursor]).toEqual([[1, 2], cursor(2)]);
  });

  it("throws when it is cancelled, and counts what it had gone past", async () => {
    const { checkpoint, subscription } = await listening();
    const loop = async () => {
      for await (const delivery of subscription) if (brief(delivery) === 2) await subscription.cancel();
    };
    await expect(loop()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(checkpoint.load()?.cursor).toBe(cursor(2));
  });

  it("wakes when the client is closed while it waits", async () => {
    const { client, subscription } = await listening([saying(first(0))]);
    const deliveries = subscription[Symbol.asyncIterator]();
    const next = deliveries.next();
    await vi.waitFor(() => expect(subscription.cursor).toBe(cursor(0)));
    await client.close();
    expect(await next).toEqual({ done: true, value: "closed" });
  });
});

describe("a subscription", () => {
  it("is consumed once", async () => {
    const { subscription } = await listening();
    const run = subscription.run(() => {});
    await expect(subscription.run(() => {})).rejects.toThrow("consumed once");
    await subscription.close();
    await run;
  });

  it("asks nothing of the gateway when it is closed before it is consumed", async () => {
    const { requests, subscription } = await listening();
    await subscription.close();
    expect(await subscription.run(() => {})).toBe("closed");
    expect(requests).toHaveLength(0);
  });

  it("ends its stream on the gateway when it is closed", async () => {
    const gone = Promise.withResolvers<void>();
    const { subscription } = await listening([
      async function* (_, context) {
        yield first(0);
        yield events(1);
        await silence(context);
        gone.resolve();
      },
    ]);
    await subscription.run(() => void subscription.close());
    await gone.promise;
  });

  it("stops reading while the consumer is slow, so that memory stays bounded", async () => {
    const sent = { responses: 0 };
    const incompressible = randomBytes(5_000).toString("base64");
    const { client } = await scripted([
      async function* (_, context) {
        yield first(0);
        for (let offset = 1; offset <= 1_000; offset++) {
          if (context.signal.aborted) return;
          const [event] = events(offset).events!;
          yield { events: [{ ...event, rawJson: incompressible }], cursor: cursor(offset) };
          sent.responses = offset;
        }
        await silence(context);
      },
    ]);
    const subscription = client.subscribe({ buffer: 5 });
    const release = Promise.withResolvers<void>();
    let handled = 0;
    const run = subscription.run(async () => {
      await release.promise;
      if (++handled === 1_000) void subscription.close();
    });
    let before = -1;

    await vi.waitFor(() => {
      const still = sent.responses > 5 && sent.responses === before;
      before = sent.responses;

      expect(still).toBe(true);
    });
    expect(sent.responses).toBeLessThan(500);
    release.resolve();
    expect([await run, handled]).toEqual(["closed", 1_000]);
  });

  it("tells how it fares", async () => {
    const { client } = await scripted([
      saying(
        { ...first(0), unresolvedAgentEmails: ["a@example.com"] },
        { cursor: cursor(0), notice: { case: "caughtUp", value: {} } },
        events(1),
        { cursor: cursor(1), notice: { case: "fellBehind", value: { queuedBytes: 9n } } },
        { cursor: cursor(1), progress: { headCursor: cursor(3), eventsBehind: 2n } },
        events(2),
      ),
    ]);
    const kinds: string[] = [];
    const subscription = client.subscribe({ onStatus: ({ kind }) => void kinds.push(kind) });
    await subscription.run((delivery) => {
      kinds.push(String(brief(delivery)));
      if (brief(delivery) === 2) void subscription.close();
    });
    expect(kinds.filter((kind) => kind !== "progress")).toEqual(["connected", "caughtUp", "1", "fellBehind", "2"]);
    expect(kinds).toContain("progress");
  });
});
