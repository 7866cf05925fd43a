/** Deadlines and retries of calls with one answer. */
import { Code, type ConnectError, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { startScriptedGateway } from "../../../test/cli/scripted-gateway.ts";
import { Client, type ClientOptions, IngestService, SubscriptionService } from "../src/index.ts";
import { cut, failure, silence } from "./scripted.ts";

/** A gateway that fails this often with these, then answers. */
async function failing(failures: ConnectError[], options: Partial<ClientOptions> = {}) {
  const calls: HandlerContext[] = [];
  const answer = async (_: unknown, context: HandlerContext) => {
    calls.push(context);
    const error = failures[calls.length - 1];
    if (error !== undefined) throw error;
    return {};
  };
  const gateway = await startScriptedGateway((router) => {
    router.service(SubscriptionService, { getLogInfo: answer });
    router.service(IngestService, { publishEvents: answer });
  });
  const client = new Client({ url: gateway.url, retry: { initialMs: 1, maxMs: 5 }, ...options });
  onTestFinished(async () => {
    await client.close();
    await gateway.close();
  });
  return { client, calls };
}

describe("a call with one answer", () => {
  it("is repeated while what is wrong can pass by itself", async () => {
    const { client, calls } = await failing([cut(), failure(Code.ResourceExhausted, { reason: "RATE_LIMITED" })]);
    await client.getLogInfo();
    expect(calls).toHaveLength(3);
  });

  it("is not repeated otherwise", async () => {
    const { client, calls } = await failing([failure(Code.NotFound, { reason: "UNKNOWN_TENANT" })]);
    await expect(client.getLogInfo()).rejects.toMatchObject({ reason: "UNKNOWN_TENANT" });
    expect(calls).toHaveLength(1);
  });

  it("is given up after as many attempts as were allowed", async () => {
    const { client, calls } = await failing([cut(), cut(), cut(), cut()]);
    await expect(client.getLogInfo({}, { retry: { initialMs: 1, maxAttempts: 2 } })).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
    expect(calls).toHaveLength(3);
  });

  it("does not wait for an attempt beyond its deadline", async () => {
    const { client, calls } = await failing([
      failure(Code.Unavailable, { reason: "OVERLOADED", retryAfterMs: 60_000 }),
    ]);
    await expect(client.getLogInfo({}, { timeoutMs: 1_000 })).rejects.toMatchObject({ reason: "OVERLOADED" });
    expect(calls).toHaveLength(1);
  });

  it("ends at its deadline", async () => {
    const gateway = await startScriptedGateway((router) =>
      router.service(SubscriptionService, {
        getLogInfo: async (_, context) => {
          await silence(context);
          return {};
        },
      }),
    );
    const client = new Client({ url: gateway.url, timeoutMs: 50 });
    onTestFinished(async () => {
      await client.close();
      await gateway.close();
    });
    await expect(client.getLogInfo()).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await expect(client.getLogInfo({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("presents a fresh credential once when it is refused", async () => {
    const keys = ["old", "new"];
    const refusal = failure(Code.Unauthenticated, { reason: "UNAUTHENTICATED" });
    const { client, calls } = await failing([refusal], { credential: async () => keys.shift()! });
    await client.getLogInfo();
    await client.raw.subscriptions.getLogInfo({});
    const presented = calls.map(({ requestHeader }) => requestHeader.get("authorization"));
    expect(presented).toEqual(["Bearer old", "Bearer new", "Bearer new"]);
  });

  it("publishes again only what has idempotency keys", async () => {
    const item = { event: { case: "json" as const, value: "{}" } };
    const unkeyed = await failing([cut()]);
    await expect(unkeyed.client.publishEvents({ source: "ccai", items: [item] })).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
    const keyed = await failing([cut()]);
    await keyed.client.publishEvents({ source: "ccai", items: [{ ...item, idempotencyKey: "1" }] });
    expect([unkeyed.calls.length, keyed.calls.length]).toEqual([1, 2]);
  });
});
