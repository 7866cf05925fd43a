/** The gateway for tests, as a team would use it: a handler, a cut, a restart, and the check. */
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { expect, test } from "vitest";
import { StartPosition, SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { isKept, parseFault, parseRecording, startTestGateway } from "../../src/testkit/testkit.ts";

/** Reads up to a cursor as a consumer without any library would: after an error it goes on after the last response. */
async function consume(url: string, upTo: string): Promise<string> {
  let recording = "";
  let after: string | undefined;
  for (;;) {
    const sessionManager = new Http2SessionManager(url);
    const client = createClient(SubscriptionService, createGrpcTransport({ baseUrl: url, sessionManager }));
    const position =
      after === undefined
        ? { case: "start" as const, value: StartPosition.EARLIEST }
        : { case: "afterCursor" as const, value: after };
    try {
      for await (const { events, cursor } of client.subscribe({ position, maxBatchEvents: 3 })) {
        recording += events.map(({ offset }) => `{"offset":"${offset}"}\n`).join("");
        after = cursor;
        if (cursor === upTo) return recording;
      }
    } catch {
      // The next stream goes on.
    } finally {
      sessionManager.abort();
    }
  }
}

const calls = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ call_id: `${prefix}${index}`, state: "ringing" }));

test("a consumer that resumes by its cursor keeps every guarantee over cuts and a restart", async () => {
  await using gateway = await startTestGateway({ faults: ["reset@mid-message:3", "cut@message:4"].map(parseFault) });
  await gateway.publish(calls("a", 20));
  const { url } = gateway;
  await gateway.restart();
  const [last] = (await gateway.publish(calls("b", 20))).slice(-1);
  const recording = await consume(url, last!);
  const verdict = await gateway.check(parseRecording(recording));
  expect(isKept(verdict)).toBe(true);
  expect(verdict.delivered).toBe(40);
  expect(gateway.proxy.counts.faults).toBe(2);
  expect(gateway.url).toBe(url);
});

test("what a consumer misses is found", async () => {
  await using gateway = await startTestGateway();
  const published = await gateway.publish(calls("a", 5));
  const recording = published.filter((_, index) => index !== 2).map((cursor) => `{"cursor":"${cursor}"}\n`);
  const verdict = await gateway.check(parseRecording(recording.join("")));
  expect(verdict.lost).toMatchObject([{ count: 1, isTail: false }]);
});

test("the journal is compared for the filters that the consumer has", async () => {
  await using gateway = await startTestGateway();
  await gateway.publish([
    { call_id: "c1", state: "ringing", Queue_path_names: "support" },
    { call_id: "c2", state: "ringing", Queue_path_names: "sales" },
  ]);
  expect((await gateway.journal({ filters: { q: { queueNames: ["support"] } } })).offsets).toEqual([1n]);
});

test("a contact centre can be simulated", async () => {
  await using gateway = await startTestGateway();
  const totals = await gateway.simulate({ seed: 1, calls: 5 });
  expect(totals.failed).toBe(0);
  expect((await gateway.journal()).offsets).toHaveLength(totals.accepted);
});

test("the configuration is that of the gateway, and a wrong one is refused", async () => {
  await using gateway = await startTestGateway({ config: { tenants: [{ id: "qm", sources: [{ id: "feed" }] }] } });
  expect(await gateway.publish(calls("a", 1), { source: "feed" })).toHaveLength(1);
  await expect(startTestGateway({ config: { tenant: [] } })).rejects.toThrow(/unknown key/);
});

test("an event that is refused is an error", async () => {
  await using gateway = await startTestGateway();
  await expect(gateway.publish([{ nothing: "known" }])).rejects.toThrow(/event 1 was refused: NOT_AN_EVENT/);
});

test("a stopped gateway finds nobody, and closing leaves nothing behind", async () => {
  const gateway = await startTestGateway();
  await gateway.publish(calls("a", 3));
  await gateway.stop();
  expect(() => gateway.directUrl).toThrow(/stopped/);
  await gateway.restart();
  expect((await gateway.journal()).offsets).toHaveLength(3);
  const { url } = gateway;
  await gateway.close();
  await expect(fetch(url)).rejects.toThrow();
});
