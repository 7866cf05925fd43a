/** Cuts of every kind: nothing is repeated, nothing is skipped, and what cannot pass by itself is told. */
import { Code } from "@connectrpc/connect";
import { describe, expect, it, vi } from "vitest";
import {
  type CheckpointState,
  MemoryCheckpoint,
  StartPosition,
  type SubscriptionStatus,
  type Trigger,
} from "../src/index.ts";
import { brief, collect } from "./collect.ts";
import {
  cursor,
  cut,
  digest,
  events,
  failing,
  failure,
  first,
  saying,
  sayingThenCut,
  scripted,
  silence,
} from "./scripted.ts";

const position = (offset: number) => ({ case: "afterCursor", value: cursor(offset) });

describe("a stream that is cut", () => {
  it("is resumed after the last response that was received whole", async () => {
    const { client, requests } = await scripted([
      sayingThenCut(first(0), events(1, 2), events(3)),
      saying(first(3), events(4)),
    ]);
    const deliveries = await collect(client.subscribe({ start: StartPosition.EARLIEST }), 4);
    expect(deliveries.map(brief)).toEqual([1, 2, 3, 4]);
    expect(requests.map((request) => request.position)).toEqual([
      { case: "start", value: StartPosition.EARLIEST },
      position(3),
    ]);
  });

  it("is opened anew at the original position before the first response", async () => {
    const { client, requests } = await scripted([sayingThenCut(), saying(first(0), events(1))]);
    await collect(client.subscribe({ start: StartPosition.EARLIEST }), 1);
    expect(requests[1]!.position).toEqual({ case: "start", value: StartPosition.EARLIEST });
  });

  it("is resumed after a cursor that moved while nothing matched", async () => {
    const { client, requests } = await scripted([
      sayingThenCut(first(0), { cursor: cursor(70) }),
      saying(first(70), events(71)),
    ]);
    await collect(client.subscribe(), 1);
    expect(requests[1]!.position).toEqual(position(70));
  });

  it("drops an event that a wrong gateway repeats", async () => {
    const { client } = await scripted([sayingThenCut(first(0), events(1, 2)), saying(first(2), events(2, 3))]);
    expect((await collect(client.subscribe(), 3)).map(brief)).toEqual([1, 2, 3]);
  });

  it("counts an end without an error as a cut, unless an end was asked for", async () => {
    const ending = async function* () {
      yield first(0);
      yield events(1);
    };
    const unbounded = await scripted([ending, saying(first(1), events(2))]);
    expect((await collect(unbounded.client.subscribe(), 2)).map(brief)).toEqual([1, 2]);
    const bounded = await scripted([ending]);
    expect(await bounded.client.subscribe({ end: { cursor: cursor(1) } }).run(() => {})).toBe("completed");
    expect(bounded.requests).toHaveLength(1);
  });

  it("waits at least as long as the gateway asks", async () => {
    const refused = failing(failure(Code.Unavailable, { reason: "OVERLOADED", retryAfterMs: 80 }));
    const { client } = await scripted([refused, saying(first(0), events(1))]);
    const onStatus = vi.fn<(status: SubscriptionStatus) => void>();
    const started = performance.now();
    await collect(client.subscribe({ onStatus }), 1);
    expect(performance.now() - started).toBeGreaterThanOrEqual(80);
    const [status] = onStatus.mock.calls[0]!;
    expect(status).toMatchObject({ kind: "reconnecting", attempt: 1, cause: { reason: "OVERLOADED" } });
  });

  it("resumes when nothing was heard for three progress intervals", async () => {
    const { client, requests } = await scripted([saying(first(0), events(1)), saying(first(1), events(2))]);
    expect((await collect(client.subscribe({ progressIntervalMs: 40 }), 2)).map(brief)).toEqual([1, 2]);
    expect(requests[1]!.position).toEqual(position(1));
  });

  it("does not call a stream dead while the consumer is what it waits for", async () => {
    const { client, requests } = await scripted([saying(first(0), events(1, 2), events(3))]);
    const subscription = client.subscribe({ progressIntervalMs: 50, buffer: 1 });
    const seen: (number | string)[] = [];
    await subscription.run(async (delivery) => {
      seen.push(brief(delivery));
      if (seen.length === 1) await new Promise((resolve) => setTimeout(resolve, 300));
      if (seen.length === 3) void subscription.close();
    });
    expect([seen, requests.length]).toEqual([[1, 2, 3], 1]);
  });
});

describe("attempts", () => {
  const statusesOf = async (streams: Parameters<typeof scripted>[0], maxAttempts: number) => {
    const { client, requests } = await scripted(streams);
    const statuses: SubscriptionStatus[] = [];
    const onStatus = (status: SubscriptionStatus) => void statuses.push(status);
    const run = client.subscribe({ onStatus, retry: { initialMs: 1, maxMs: 2, maxAttempts } }).run(() => {});
    await expect(run).rejects.toMatchObject({ code: "UNAVAILABLE" });
    return {
      requests,
      attempts: statuses.flatMap((status) => (status.kind === "reconnecting" ? [status.attempt] : [])),
    };
  };

  it("are bounded, and the last error is surfaced", async () => {
    const { requests, attempts } = await statusesOf([sayingThenCut(first(0))], 3);
    expect([requests.length, attempts]).toEqual([4, [1, 2, 3]]);
  });

  it("are counted anew after something useful, never after a mere connect", async () => {
    const useful = [
      sayingThenCut(first(5)),
      sayingThenCut(first(5), { cursor: cursor(5), progress: {} }),
      sayingThenCut(first(5), events(6)),
      sayingThenCut(first(6), { cursor: cursor(7) }),
      sayingThenCut(first(7)),
    ];
    expect((await statusesOf(useful, 2)).attempts).toEqual([1, 1, 1, 1, 2]);
  });
});

describe("an error that needs a decision", () => {
  const surfaced = async (code: Code, error: Parameters<typeof failure>[1]) => {
    const { client, requests } = await scripted([failing(failure(code, error))]);
    const thrown = await client
      .subscribe()
      .run(() => {})
      .catch((reason: unknown) => reason);
    return { thrown, streams: requests.length };
  };

  it("ends the subscription with its reason and metadata", async () => {
    const metadata = { oldest_cursor: cursor(9) };
    const { thrown, streams } = await surfaced(Code.OutOfRange, { reason: "CURSOR_EXPIRED", metadata });
    expect(thrown).toMatchObject({ code: "OUT_OF_RANGE", reason: "CURSOR_EXPIRED", metadata, retryable: false });
    expect(streams).toBe(1);
  });

  it("is one of Callwire's INTERNAL too, although one without a reason is retried", async () => {
    const { thrown, streams } = await surfaced(Code.Internal, { reason: "INTERNAL" });
    expect([thrown, streams]).toMatchObject([{ code: "INTERNAL", reason: "INTERNAL" }, 1]);
  });

  it("ends it after what was received before was handled", async () => {
    const { client } = await scripted([
      async function* () {
        yield first(0);
        yield events(1, 2);
        throw failure(Code.PermissionDenied, { reason: "PERMISSION_DENIED" });
      },
    ]);
    const seen: unknown[] = [];
    const run = client.subscribe().run((delivery) => void seen.push(brief(delivery)));
    await expect(run).rejects.toMatchObject({ reason: "PERMISSION_DENIED" });
    expect(seen).toEqual([1, 2]);
  });
});

describe("a credential", () => {
  const refusing = (good: string) =>
    async function* (_: unknown, context: Parameters<typeof silence>[0]) {
      if (context.requestHeader.get("authorization") !== `Bearer ${good}`) {
        throw failure(Code.Unauthenticated, { reason: "UNAUTHENTICATED" });
      }
      yield first(0);
      yield events(1);
      await silence(context);
    };

  it("from a provider is asked for once, and anew when it is refused", async () => {
    const keys = ["old", "new"];
    const provider = vi.fn(() => keys.shift()!);
    const { client, authorizations } = await scripted([refusing("new")], { credential: provider });
    await collect(client.subscribe(), 1);
    await collect(client.subscribe(), 1);
    expect(authorizations).toEqual(["Bearer old", "Bearer new", "Bearer new"]);
    expect(provider).toHaveBeenCalledTimes(2);
  });

  it("refused twice in a row is surfaced", async () => {
    const { client, authorizations } = await scripted([refusing("never")], { credential: () => "wrong" });
    await expect(client.subscribe().run(() => {})).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(authorizations).toHaveLength(2);
  });

  it("that is fixed is not tried again", async () => {
    const { client, authorizations } = await scripted([refusing("never")], { credential: "fixed" });
    await expect(client.subscribe().run(() => {})).rejects.toMatchObject({ reason: "UNAUTHENTICATED" });
    expect(authorizations).toEqual(["Bearer fixed"]);
  });

  it("that cannot be had is surfaced with its cause", async () => {
    const cause = new Error("the vault is shut");
    const { client } = await scripted([refusing("any")], { credential: () => Promise.reject(cause) });
    await expect(client.subscribe().run(() => {})).rejects.toMatchObject({ code: "UNAUTHENTICATED", cause });
  });
});

describe("what is not an event", () => {
  it("is handed out in its place in the order", async () => {
    const { client, requests } = await scripted([
      sayingThenCut(
        first(0),
        { cursor: "", notice: { case: "snapshotBegin", value: {} } },
        { cursor: "", sessions: [{ sessionId: "lost" }] },
      ),
      async function* () {
        yield first(0);
        yield { notice: { case: "snapshotBegin", value: {} } };
        yield { sessions: [{ sessionId: "a" }] };
        yield { sessions: [{ sessionId: "b" }] };
        yield { cursor: cursor(0), notice: { case: "snapshotEnd", value: {} } };
        yield { cursor: cursor(4), notice: { case: "gap", value: { fromCursor: cursor(0), toCursor: cursor(4) } } };
        yield events(5);
        yield { cursor: cursor(5), notice: { case: "goingAway", value: { retryAfter: { nanos: 20_000_000 } } } };
        throw failure(Code.Unavailable, { reason: "GOING_AWAY", retryAfterMs: 20 });
      },
      saying({ ...first(5), filterDigest: "2222222222222222" }, events(6)),
    ]);
    const deliveries = await collect(client.subscribe({ includeSnapshot: true }), 6);
    expect(deliveries).toMatchObject([
      { kind: "snapshot", sessions: [{ sessionId: "a" }, { sessionId: "b" }], cursor: cursor(0) },
      { kind: "gap", fromCursor: cursor(0), toCursor: cursor(4) },
      { kind: "event", cursor: cursor(5) },
      { kind: "goingAway", retryAfterMs: 20 },
      { kind: "filterChanged", previousDigest: digest, digest: "2222222222222222" },
      { kind: "event", cursor: cursor(6) },
    ]);
    expect(requests.map(({ includeSnapshot }) => includeSnapshot)).toEqual([true, true, false]);
  });

  it("is passed on when it is newer than the SDK", async () => {
    const newer = 9_999 as Trigger;
    const { client } = await scripted([
      saying(first(0), { cursor: cursor(1) }, { events: [{ offset: 2n, trigger: newer }], cursor: cursor(2) }),
    ]);
    const [delivery] = await collect(client.subscribe(), 1);
    expect(delivery).toMatchObject({ kind: "event", event: { offset: 2n, trigger: newer } });
  });
});

describe("a checkpoint", () => {
  it("gives the position, and tells when the filters are others than before", async () => {
    const { client, requests } = await scripted([saying(first(7), events(8))]);
    const checkpoint = new MemoryCheckpoint({ cursor: cursor(7), filterDigest: "0000000000000000" });
    const deliveries = await collect(client.subscribe({ checkpoint, start: StartPosition.EARLIEST }), 2);
    expect(deliveries.map(brief)).toEqual(["filterChanged", 8]);
    expect(requests[0]!.position).toEqual(position(7));
    expect(checkpoint.load()).toEqual({ cursor: cursor(8), filterDigest: digest });
  });

  it("moves to the cursor of the response after its last event, and while nothing matches", async () => {
    const saved: CheckpointState[] = [];
    const checkpoint = { load: () => undefined, save: (state: CheckpointState) => void saved.push(state) };
    const script = [saying(first(0), { ...events(1, 2), cursor: cursor(6) }, { cursor: cursor(9) })];
    const { client } = await scripted(script);
    const subscription = client.subscribe({ checkpoint, save: { everyEvents: 1, everyMs: 20 } });
    const run = subscription.run(() => {});
    await vi.waitFor(() => expect(subscription.cursor).toBe(cursor(9)));
    await vi.waitFor(() => expect(saved.at(-1)?.cursor).toBe(cursor(9)));
    await subscription.close();
    await run;
    const cursors = saved.map((state) => state.cursor).filter((one) => one !== cursor(0));
    expect(cursors).toEqual([cursor(1), cursor(6), cursor(9)]);
  });

  it("that fails to save ends the subscription with its error", async () => {
    const { client } = await scripted([saying(first(0), events(1, 2, 3))]);
    const full = new Error("the disk is full");
    const checkpoint = { load: () => undefined, save: () => Promise.reject(full) };
    const run = client.subscribe({ checkpoint, save: { everyEvents: 2 } }).run(() => {});
    await expect(run).rejects.toBe(full);
  });

  it("that fails to load ends the subscription before it begins", async () => {
    const { client, requests } = await scripted([saying(first(0))]);
    const checkpoint = { load: () => Promise.reject(cut()), save: () => {} };
    await expect(client.subscribe({ checkpoint }).run(() => {})).rejects.toThrow("said by the script");
    expect(requests).toHaveLength(0);
  });
});
