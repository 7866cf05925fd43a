/** Subscriptions and calls against the real gateway. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  AgentState,
  CallState,
  Direction,
  type Event,
  EventView,
  FileCheckpoint,
  PublishStatus,
  Scope,
  StartPosition,
} from "../src/index.ts";
import { brief, collect } from "./collect.ts";
import { gateway } from "./gateway.ts";

describe.each(["grpc", "connect"] as const)("a subscription over %s", (protocol) => {
  it("gets what its filters match, and their names", async () => {
    const { client, post } = await gateway({ protocol });
    await post("1 ringing", "2 ringing sales", "1 connected", "2 connected sales");
    const deliveries = await collect(
      client.subscribe({
        start: StartPosition.EARLIEST,
        filters: {
          support: { queueNames: ["support"] },
          answered: { callStates: [CallState.CONNECTED], directions: [Direction.INCOMING] },
        },
      }),
      3,
    );
    const matches = deliveries.flatMap((delivery) => (delivery.kind === "event" ? [delivery.matches] : []));
    expect(deliveries.map(brief)).toEqual([1, 3, 4]);
    expect(matches).toEqual([["support"], ["answered", "support"], ["answered"]]);
  });

  it("is delivered to its end when it is bounded", async () => {
    const { client, post } = await gateway({ protocol });
    await post("1 ringing", "1 connected", "1 disconnected");
    const { epoch } = await client.getLogInfo();
    const seen: unknown[] = [];
    const outcome = await client
      .subscribe({ start: StartPosition.EARLIEST, end: { cursor: `${epoch}-2` } })
      .run((delivery) => void seen.push(brief(delivery)));
    expect([outcome, seen]).toEqual(["completed", [1, 2]]);
  });

  it("goes on where its checkpoint says", async () => {
    const { client, post } = await gateway({ protocol });
    const folder = mkdtempSync(join(tmpdir(), "callwire-client-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const checkpoint = new FileCheckpoint(join(folder, "quality.json"));
    await post("1 ringing", "1 connected");
    expect((await collect(client.subscribe({ start: StartPosition.EARLIEST, checkpoint }), 1)).map(brief)).toEqual([1]);
    await post("1 disconnected");
    expect((await collect(client.subscribe({ start: StartPosition.EARLIEST, checkpoint }), 2)).map(brief)).toEqual([
      2, 3,
    ]);
  });

  it("begins with the open calls when it asks for them, and has the call in the full view", async () => {
    const { client, post } = await gateway({ protocol });
    await post("open ringing", "over ringing", "over disconnected");
    const subscription = client.subscribe({ includeSnapshot: true, view: EventView.FULL, scope: Scope.CALL });
    const deliveries = subscription[Symbol.asyncIterator]();
    expect((await deliveries.next()).value).toMatchObject({ kind: "snapshot", sessions: [{ sessionId: "open" }] });
    const next = deliveries.next();
    await post("open connected");
    expect((await next).value).toMatchObject({ kind: "event", event: { session: { sessionId: "open", open: true } } });
    await deliveries.return?.();
  });

  it("outlives a restart of the gateway's streams", async () => {
    const { client, post, running } = await gateway({ protocol, retry: { initialMs: 1, maxMs: 5, maxAttempts: 2 } });
    await post("1 ringing");
    const kinds: unknown[] = [];
    const subscription = client.subscribe({ start: StartPosition.EARLIEST });
    const run = subscription.run((delivery) => {
      kinds.push(brief(delivery));
      if (kinds.length === 1) void running.gateway.close();
    });
    await expect(run).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(kinds).toEqual([1, "goingAway"]);
  });
});

describe("calls with one answer", () => {
  it("read the journal, page after page", async () => {
    const { client, post } = await gateway();
    await post("1 ringing", "1 connected", "1 disconnected");
    const all: Event[] = [];
    for await (const event of client.allEvents({ pageSize: 1 })) all.push(event);
    expect(all.map(({ offset }) => offset)).toEqual([1n, 2n, 3n]);
    const { newestCursor, epoch } = await client.getLogInfo();
    expect(newestCursor).toBe(`${epoch}-3`);
    const page = await client.listEvents({ pageSize: 2, orderBy: "offset desc" });
    expect(page.events.map(({ offset }) => offset)).toEqual([3n, 2n]);
    const { filters } = await client.explainEvent({
      cursor: newestCursor,
      filters: { q: { queueNames: ["sales"] } },
    });
    expect(filters[0]).toMatchObject({ name: "q", matched: false });
  });

  it("tell of calls and agents", async () => {
    const { client, post } = await gateway();
    await post("1 ringing", "2 ringing");
    await client.publishEvents({
      source: "ccai",
      items: [
        {
          event: { case: "agent", value: { participantId: "7", email: "A@example.com", state: AgentState.LOGIN } },
          idempotencyKey: "login-7",
        },
      ],
    });
    expect((await client.getCall({ id: { case: "callId", value: "1" } })).session).toMatchObject({ open: true });
    expect((await client.getAgent({ id: { case: "email", value: "a@example.com" } })).agent?.agentId).toBe("7");
    const calls: string[] = [];
    for await (const { sessionId } of client.allCalls({ pageSize: 1 })) calls.push(sessionId);
    expect(calls).toEqual(["2", "1"]);
    expect((await client.listCalls({ pageSize: 1 })).sessions).toHaveLength(1);
    const agents: string[] = [];
    for await (const { agentId } of client.allAgents()) agents.push(agentId);
    expect(agents).toEqual(["7"]);
    expect((await client.listAgents({})).agents).toHaveLength(1);
  });

  it("publish, and say what became of each item", async () => {
    const { client } = await gateway();
    const item = (key: string, value: string) => ({ event: { case: "json" as const, value }, idempotencyKey: key });
    const call = '{"call_id":"1","state":"ringing"}';
    const { results } = await client.publishEvents({
      source: "ccai",
      items: [item("a", call), item("a", call), item("b", "[]")],
    });
    expect(results.map(({ status }) => status)).toEqual([
      PublishStatus.ACCEPTED,
      PublishStatus.DUPLICATE,
      PublishStatus.REJECTED,
    ]);
  });

  it("fail with the gateway's reason and the fields at fault", async () => {
    const { client } = await gateway();
    const refused = client.listEvents({ pageSize: -1 });
    await expect(refused).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      fieldViolations: [{ field: "page_size" }],
    });
    await expect(client.subscribe({ filters: { empty: {} } }).run(() => {})).rejects.toMatchObject({
      reason: "EMPTY_FILTER",
      retryable: false,
    });
  });

  it("leave the generated clients within reach", async () => {
    const { client } = await gateway();
    expect((await client.raw.admin.listQuarantinedEvents({})).totalCount).toBe(0n);
  });
});
