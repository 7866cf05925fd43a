import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminService, file_callwire_v1_admin as admin } from "../../gen/ts/callwire/v1/admin_pb.ts";
import { file_callwire_v1_call as call_ } from "../../gen/ts/callwire/v1/call_pb.ts";
import { file_callwire_v1_error as error } from "../../gen/ts/callwire/v1/error_pb.ts";
import { file_callwire_v1_event as event } from "../../gen/ts/callwire/v1/event_pb.ts";
import { file_callwire_v1_filter as filter } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { IngestService, file_callwire_v1_ingest as ingest, PublishStatus } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { file_callwire_v1_policy as policy } from "../../gen/ts/callwire/v1/policy_pb.ts";
import { file_callwire_v1_session as session } from "../../gen/ts/callwire/v1/session_pb.ts";
import { file_callwire_v1_state as state } from "../../gen/ts/callwire/v1/state_pb.ts";
import {
  EventView,
  StartPosition,
  SubscriptionService,
  file_callwire_v1_subscription as subscription,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { ErrorInfoSchema } from "../../gen/ts/google/rpc/error_details_pb.ts";
import { Health } from "../../gen/ts/grpc/health/v1/health_pb.ts";
import * as v1 from "../../gen/ts/grpc/reflection/v1/reflection_pb.ts";
import * as v1alpha from "../../gen/ts/grpc/reflection/v1alpha/reflection_pb.ts";
import { type RunningGateway, runningGateway } from "./running-gateway.ts";

let running: RunningGateway;
let sessionManager: Http2SessionManager;
let transports: Record<string, Transport>;
beforeAll(async () => {
  running = await runningGateway();
  const baseUrl = running.gateway.url;
  sessionManager = new Http2SessionManager(baseUrl);
  transports = {
    gRPC: createGrpcTransport({ baseUrl, sessionManager }),
    "gRPC-Web": createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
    "Connect, Protobuf": createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true }),
    "Connect, JSON": createConnectTransport({ baseUrl, httpVersion: "2", sessionManager, useBinaryFormat: false }),
  };
});
afterAll(async () => {
  sessionManager.abort();
  await running.dispose();
});

const protocols = ["gRPC", "gRPC-Web", "Connect, Protobuf", "Connect, JSON"];
const call = (id: string, more: object = {}): string => JSON.stringify({ call_id: id, state: "ringing", ...more });

async function failure(
  promise: Promise<unknown>,
): Promise<{ code: Code; reason: string | undefined; message: string }> {
  const error = await promise.then(
    () => expect.unreachable(),
    (thrown: unknown) => ConnectError.from(thrown),
  );
  return { code: error.code, reason: error.findDetails(ErrorInfoSchema)[0]?.reason, message: error.rawMessage };
}

describe.each(protocols)("over %s", (name) => {
  it("publishes, subscribes, resumes and lists", async () => {
    const ingest = createClient(IngestService, transports[name]!);
    const subscription = createClient(SubscriptionService, transports[name]!);
    const id = `c-${name}`;
    const { results } = await ingest.publishEvents({
      source: "ccai",
      items: [{ event: { case: "json", value: call(id) } }, { event: { case: "json", value: "[]" } }, {}],
    });
    expect(results.map(({ status }) => status)).toEqual([
      PublishStatus.ACCEPTED,
      PublishStatus.REJECTED,
      PublishStatus.REJECTED,
    ]);
    expect(results.map(({ reason }) => reason)).toEqual(["", "NOT_ONE_EVENT", "EMPTY_ITEM"]);
    const filters = { mine: { callIds: [id] } };
    const start = { case: "start" as const, value: StartPosition.EARLIEST };
    const end = { case: "endCursor" as const, value: results[0]!.cursor };
    const events = [];
    let cursor = "";
    for await (const response of subscription.subscribe({ filters, position: start, end, view: EventView.FULL })) {
      events.push(...response.events);
      cursor = response.cursor;
    }
    expect(events.map(({ rawJson }) => rawJson)).toEqual([call(id)]);
    expect(cursor).toBe(results[0]!.cursor);
    const page = await subscription.listEvents({ filters });
    expect(page.events.map(({ eventId }) => eventId)).toEqual(events.map(({ eventId }) => eventId));
  });

  it("gives typed errors, unary and streaming", async () => {
    const subscription = createClient(SubscriptionService, transports[name]!);
    expect(await failure(subscription.listEvents({ filters: { q: {} } }))).toMatchObject({
      code: Code.InvalidArgument,
      reason: "EMPTY_FILTER",
    });
    const stream = async (): Promise<void> => {
      for await (const _ of subscription.subscribe({ position: { case: "afterCursor", value: "00000000-5" } }));
    };
    expect(await failure(stream())).toMatchObject({ code: Code.FailedPrecondition, reason: "EPOCH_MISMATCH" });
    expect(await failure(subscription.getLogInfo({ tenant: "nobody" }))).toMatchObject({ reason: "UNKNOWN_TENANT" });
  });

  it("ends a stream at the caller's deadline", async () => {
    const subscription = createClient(SubscriptionService, transports[name]!);
    const stream = async (): Promise<void> => {
      for await (const _ of subscription.subscribe({}, { timeoutMs: 200 }));
    };
    expect((await failure(stream())).code).toBe(Code.DeadlineExceeded);
  });
});

describe("PublishStream", () => {
  it("acknowledges each batch in order while the stream is open", async () => {
    const ingest = createClient(IngestService, transports.gRPC!);
    const acknowledged = Promise.withResolvers<void>();
    async function* batches() {
      yield { source: "ccai", sequence: 1n, items: [{ event: { case: "json" as const, value: call("s1") } }] };
      await acknowledged.promise;
      yield { sequence: 2n, items: [{ event: { case: "json" as const, value: call("s2") } }] };
    }
    const sequences: bigint[] = [];
    for await (const { sequence, results } of ingest.publishStream(batches())) {
      sequences.push(sequence);
      expect(results[0]!.status).toBe(PublishStatus.ACCEPTED);
      acknowledged.resolve();
    }
    expect(sequences).toEqual([1n, 2n]);
  });
});

describe("quarantine", () => {
  it("lists, shows and discards over RPC", async () => {
    const admin = createClient(AdminService, transports.gRPC!);
    await running.post('{"no":"event"}');
    const { events } = await admin.listQuarantinedEvents({ reason: "NOT_AN_EVENT" });
    const found = await admin.getQuarantinedEvent({ id: events.at(-1)!.id });
    expect(Buffer.from(found.event!.content).toString()).toBe('{"no":"event"}');
    expect((await admin.discardQuarantinedEvents({ ids: [events.at(-1)!.id] })).discardedCount).toBe(1n);
    expect(await failure(admin.getQuarantinedEvent({ id: events.at(-1)!.id }))).toMatchObject({
      reason: "UNKNOWN_QUARANTINE_ID",
    });
  });
});

describe("webhooks", () => {
  it("takes the good items of a batch and names the bad", async () => {
    const response = await running.post(`{"count":2,"events":[${call("w1")},{}]}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      accepted: 1,
      duplicates: 0,
      rejected: 1,
      cursors: [expect.stringMatching(/^[0-9a-f]{8}-\d+$/)],
      rejections: [{ index: 1, reason: "NOT_AN_EVENT" }],
    });
  });

  const json = { "content-type": "application/json" };
  it.each<[string, string | Uint8Array, RequestInit & { path?: string }, number, string]>([
    ["malformed JSON", "{", {}, 400, "MALFORMED_JSON"],
    ["an empty body", "", {}, 400, "MALFORMED_JSON"],
    ["an empty batch", "[]", {}, 400, "NO_EVENT"],
    ["a scalar", "7", {}, 400, "NO_EVENT"],
    ["invalid UTF-8", new Uint8Array([0x22, 0xff, 0x22]), {}, 400, "INVALID_UTF8"],
    ["too deep a document", "[".repeat(65) + "]".repeat(65), {}, 400, "TOO_DEEP"],
    ["an unknown type", '{"type":"QueueState","item":{}}', {}, 400, "UNKNOWN_EVENT_TYPE"],
    ["an id with a control character", '{"call_id":"a\\u0000"}', {}, 400, "INVALID_ID"],
    ["an event over 1 MiB", call("big", { pad: "x".repeat(1024 * 1024) }), {}, 413, "EVENT_TOO_LARGE"],
    ["a body over 10 MiB", "x".repeat(10 * 1024 * 1024 + 1), {}, 413, "BODY_TOO_LARGE"],
    [
      "a gzip bomb",
      gzipSync(Buffer.alloc(11 * 1024 * 1024)),
      { headers: { ...json, "content-encoding": "gzip" } },
      413,
      "BODY_TOO_LARGE",
    ],
    ["another tenant", "{}", { path: "/webhooks/nobody/ccai" }, 404, "UNKNOWN_TENANT"],
    ["another source", "{}", { path: "/webhooks/default/nobody" }, 404, "UNKNOWN_SOURCE"],
    ["another content type", "{}", { headers: { "content-type": "text/plain" } }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["another encoding", "{}", { headers: { ...json, "content-encoding": "br" } }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["another method", "{}", { method: "PUT" }, 405, "METHOD_NOT_ALLOWED"],
    ["no such page", "{}", { path: "/nothing" }, 404, "NOT_FOUND"],
  ])("answers %s", async (_, body, init, status, reason) => {
    const response = await running.post(body, init);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      code: expect.stringMatching(/^[a-z_]+$/),
      reason,
      message: expect.any(String),
      details: expect.any(Array),
    });
  });
});

describe("strict requests", () => {
  const list = async (body: string): Promise<{ message: string; details: { debug: { reason: string } }[] }> => {
    const path = "/callwire.v1.SubscriptionService/ListEvents";
    return (await (await running.post(body, { path })).json()) as never;
  };

  it.each([
    ['{"filters":{"q":{"queueName":["x"]}}}', "UNKNOWN_FIELD"],
    ['{"view":"NOPE"}', "UNKNOWN_ENUM_VALUE"],
    ['{"view":99}', "UNKNOWN_ENUM_VALUE"],
    ["[1]", "MALFORMED_REQUEST"],
    ['{"pageSize":-1}', "INVALID_FIELD"],
  ])("refuses %s", async (body, reason) => {
    const { details } = await list(body);
    expect(details[0]!.debug.reason).toBe(reason);
  });
});

describe("operations", () => {
  it("answers health, readiness and metrics", async () => {
    const health = createClient(Health, transports.gRPC!);
    expect((await health.check({ service: "callwire.v1.IngestService" })).status).toBe(1);
    expect((await failure(health.check({ service: "nobody" }))).code).toBe(Code.NotFound);
    for (const path of ["/healthz", "/readyz"]) expect((await fetch(running.gateway.url + path)).status).toBe(200);
    expect(await (await fetch(`${running.gateway.url}/metrics`)).text()).toContain("callwire_ready 1");
  });

  it("lets pages on this machine call the RPCs, others not, and nobody post webhooks", async () => {
    const preflight = (origin: string, path: string): Promise<Response> =>
      fetch(running.gateway.url + path, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
      });
    const rpc = "/callwire.v1.SubscriptionService/Subscribe";
    const allowed = async (origin: string, path: string): Promise<string | null> =>
      (await preflight(origin, path)).headers.get("access-control-allow-origin");
    expect(await allowed("http://localhost:5173", rpc)).toBe("http://localhost:5173");
    expect(await allowed("https://evil.example", rpc)).toBeNull();
    expect(await allowed("http://localhost:5173", "/webhooks/default/ccai")).toBeNull();
  });
});

describe("reflection", () => {
  it.each([
    ["v1", v1.ServerReflection],
    ["v1alpha", v1alpha.ServerReflection],
  ])("resolves every symbol of the contract: %s", async (_, service) => {
    const contract = [admin, call_, error, event, filter, ingest, policy, session, state, subscription];
    const symbols = contract.flatMap((file) => [...nestedTypes(file)].map(({ typeName }) => typeName));
    const requests = symbols.map((value) => ({ messageRequest: { case: "fileContainingSymbol" as const, value } }));
    const unresolved: string[] = [];
    let at = 0;
    const client = createClient(service as typeof v1.ServerReflection, transports.gRPC!);
    for await (const { messageResponse } of client.serverReflectionInfo(streamOf(requests))) {
      if (messageResponse.case !== "fileDescriptorResponse") unresolved.push(symbols[at]!);
      at++;
    }
    expect(at).toBe(symbols.length);
    expect(unresolved).toEqual([]);
  });
});

async function* streamOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const run = promisify(execFile);

const hasGrpcurl = spawnSync("grpcurl", ["--version"]).error === undefined;

describe.skipIf(!hasGrpcurl)("grpcurl (skipped where it is not installed)", () => {
  const grpcurl = async (...args: string[]): Promise<string> =>
    (await run("grpcurl", ["-plaintext", ...args]).catch(({ stderr }: { stderr: string }) => ({ stdout: stderr })))
      .stdout;

  it("describes every symbol and prints the details of an error", async () => {
    const { host } = new URL(running.gateway.url);
    const services = (await grpcurl(host, "list")).trim().split("\n");
    expect(services).toContain("callwire.v1.SubscriptionService");
    for (const symbol of [
      ...services,
      "callwire.v1.Event",
      "callwire.v1.Session",
      "callwire.v1.CALL_STATE_HELD",
      "google.rpc.ErrorInfo",
    ]) {
      expect(await grpcurl(host, "describe", symbol)).toMatch(/is an? /);
    }
    for (const method of ["ListEvents", "Subscribe"]) {
      const refused = await grpcurl("-d", '{"filters":{"q":{}}}', host, `callwire.v1.SubscriptionService/${method}`);
      expect(refused, method).toContain('"reason": "EMPTY_FILTER"');
    }
  });
});
