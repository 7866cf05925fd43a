/** What the commands do with the answers of a gateway, as processes over a real connection. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AdminService } from "../../gen/ts/callwire/v1/admin_pb.ts";
import { IngestService, PublishStatus } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import {
  type SubscribeRequest,
  type SubscribeResponseSchema,
  SubscriptionService,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { ErrorInfoSchema } from "../../gen/ts/google/rpc/error_details_pb.ts";
import { runCli } from "./run-cli.ts";
import { type ScriptedGateway, startScriptedGateway } from "./scripted-gateway.ts";

let gateway: ScriptedGateway;
let subscriptions: Partial<ServiceImpl<typeof SubscriptionService>>;
let ingest: Partial<ServiceImpl<typeof IngestService>>;
let admin: Partial<ServiceImpl<typeof AdminService>>;
let env: Record<string, string>;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "callwire-cli-"));
  [subscriptions, ingest, admin] = [{}, {}, {}];
  gateway = await startScriptedGateway(({ service }) => {
    service(SubscriptionService, {
      subscribe: (...args) => subscriptions.subscribe!(...args),
      listEvents: (...args) => subscriptions.listEvents!(...args),
    });
    service(IngestService, { publishEvents: (...args) => ingest.publishEvents!(...args) });
    service(AdminService, {
      listQuarantinedEvents: (...args) => admin.listQuarantinedEvents!(...args),
      discardQuarantinedEvents: (...args) => admin.discardQuarantinedEvents!(...args),
    });
  });
  env = { CALLWIRE_GATEWAY: gateway.url };
});

afterEach(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

const cursor = (offset: number) => `0a1b2c3d-${offset}`;

test("tail prints events as ProtoJSON lines, saves its cursor, and resumes from it", async () => {
  const requests: SubscribeRequest[] = [];
  subscriptions.subscribe = async function* (request) {
    requests.push(request);
    yield { cursor: cursor(4), filterDigest: "00112233aabbccdd" };
    yield { events: [{ offset: 5n, eventId: "a" }, { offset: 6n }], cursor: cursor(6) };
    yield { cursor: cursor(9) };
  };
  const file = join(folder, "seen.cursor");
  const args = [
    "tail",
    "--queue",
    "support",
    "--json",
    "--from",
    "earliest",
    "--until",
    cursor(9),
    "--cursor-file",
    file,
  ];
  const first = await runCli(args, { env });
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(
    first.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([{ offset: "5", eventId: "a" }, { offset: "6" }]);
  expect(readFileSync(file, "utf8")).toBe(`${cursor(9)}\n00112233aabbccdd\n`);
  await runCli(args, { env });
  expect(requests.map(({ position }) => position.value)).toEqual([1, cursor(9)]);
  expect(requests[0]?.filters.flags?.queueNames).toEqual(["support"]);
});

test("tail says plainly what happened to the stream", async () => {
  subscriptions.subscribe = async function* () {
    const responses: MessageInitShape<typeof SubscribeResponseSchema>[] = [
      { cursor: cursor(0), filterDigest: "ffff", unresolvedAgentEmails: ["a@example.org"] },
      { cursor: cursor(5), notice: { case: "gap", value: { fromCursor: cursor(1), toCursor: cursor(5) } } },
      { cursor: cursor(5), notice: { case: "fellBehind", value: {} } },
    ];
    yield* responses;
  };
  const file = join(folder, "seen.cursor");
  writeFileSync(file, `${cursor(1)}\naaaa\n`);
  const { code, stderr } = await runCli(["tail", "--until", cursor(5), "--cursor-file", file], { env });
  expect(code).toBe(0);
  expect(stderr).toContain("FILTER_CHANGED");
  expect(stderr).toContain("a@example.org");
  expect(stderr).toContain(`GAP: events after ${cursor(1)} up to ${cursor(5)}`);
  expect(stderr).toContain("fell behind");
});

test("tail reconnects after a cut, and says so", async () => {
  let streams = 0;
  subscriptions.subscribe = async function* ({ position }) {
    streams += 1;
    if (streams === 1) {
      yield { events: [{ offset: 1n }], cursor: cursor(1) };
      throw new ConnectError("cut", Code.Unavailable);
    }
    expect(position.value).toBe(cursor(1));
    yield { events: [{ offset: 2n }], cursor: cursor(2) };
  };
  const { code, stdout, stderr } = await runCli(["tail", "--json", "--until", cursor(2)], { env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"offset":"1"}\n{"offset":"2"}\n' });
  expect(stderr).toMatch(/the stream is down: .* Trying again in [\d.]+ s\.\n.*resuming after 0a1b2c3d-1\./);
});

test.each([
  [Code.FailedPrecondition, "EPOCH_MISMATCH", { epoch: "ffffffff" }],
  [Code.OutOfRange, "CURSOR_EXPIRED", { oldest_cursor: cursor(50) }],
])("tail ends when its position is lost, and says what to do: %s %s", async (code, reason, metadata) => {
  subscriptions.subscribe = async function* () {
    yield* [];
    const value = { domain: "callwire", reason, metadata: metadata as Record<string, string> };
    throw new ConnectError("the position is lost", code, undefined, [{ desc: ErrorInfoSchema, value }]);
  };
  const file = join(folder, "seen.cursor");
  writeFileSync(file, `${cursor(1)}\n`);
  const run = await runCli(["tail", "--cursor-file", file], { env });
  expect(run.code).toBe(1);
  expect(run.stderr).toContain(`the position is lost (${reason}, ${Object.entries(metadata)[0]!.join(": ")})`);
  expect(run.stderr).toContain(`delete ${file} and start with --from earliest`);
  expect(run.stderr.split("\n")).toHaveLength(2);
});

/** A subscription that sends one event and stays open until the caller leaves. */
const endless: ServiceImpl<typeof SubscriptionService>["subscribe"] = async function* (_request, { signal }) {
  yield { events: [{ offset: 7n }], cursor: cursor(7) };
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
};

test("tail saves its cursor and ends with 0 at Ctrl-C", async () => {
  subscriptions.subscribe = endless;
  const file = join(folder, "seen.cursor");
  const main = join(import.meta.dirname, "../../bin/callwire.js");
  const args = [main, "tail", "--json", "--gateway", gateway.url, "--cursor-file", file];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.once("data", () => child.kill("SIGINT"));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(0);
  expect(readFileSync(file, "utf8")).toContain(cursor(7));
});

test("tail ends quietly when nobody reads on", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {}); // the adapter reports the reset stream
  subscriptions.subscribe = async function* () {
    for (let offset = 1n; offset < 100_000n; offset++) yield { events: [{ offset }], cursor: cursor(Number(offset)) };
  };
  const main = join(import.meta.dirname, "../../bin/callwire.js");
  const child = spawn(process.execPath, [main, "tail", "--gateway", gateway.url], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  logged.mockRestore();
});

test("list pages through history up to its limit", async () => {
  const asked: [string, number, string][] = [];
  subscriptions.listEvents = ({ pageToken, pageSize, orderBy }) => {
    asked.push([pageToken, pageSize, orderBy]);
    const offset = pageToken === "" ? 9n : BigInt(pageToken);
    return { events: [{ offset }, { offset: offset - 1n }], nextPageToken: String(offset - 2n) };
  };
  const { code, stdout } = await runCli(["list", "--desc", "--limit", "3", "--json"], { env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"offset":"9"}\n{"offset":"8"}\n{"offset":"7"}\n' });
  expect(asked).toEqual([
    ["", 3, "offset desc"],
    ["7", 1, "offset desc"],
  ]);
});

test("publish sends text as it is, keys it, and fails when an item was rejected", async () => {
  const seen: [string, string][] = [];
  ingest.publishEvents = ({ source, items }) => {
    expect(source).toBe("ccai");
    seen.push(...items.map(({ event, idempotencyKey }): [string, string] => [String(event.value), idempotencyKey]));
    return {
      results: items.map((_item, index) =>
        index === 0
          ? { status: PublishStatus.ACCEPTED, cursor: cursor(1) }
          : { status: PublishStatus.REJECTED, reason: "NOT_AN_EVENT", message: "no shape of an event" },
      ),
    };
  };
  const input = '{"call_id": 12345678901234567890}\n{"x":1}\n';
  const run = await runCli(["publish", "-", "--idempotency-prefix", "import"], { env, input });
  expect(run.code).toBe(1);
  expect(seen).toEqual([
    ['{"call_id": 12345678901234567890}', "import-1"],
    ['{"x":1}', "import-2"],
  ]);
  expect(run.stdout).toBe(`stdin:1  accepted  ${cursor(1)}\nstdin:2  rejected  NOT_AN_EVENT: no shape of an event\n`);
  expect(run.stderr).toBe("callwire: 1 accepted, 0 duplicates, 1 rejected.\n");
});

test("quarantine lists entries, and discards only what is named or all", async () => {
  admin.listQuarantinedEvents = () => ({
    events: [{ id: "3", source: "ccai", reason: "MALFORMED_JSON", message: "line 1", count: 2n, sizeBytes: 9n }],
  });
  admin.discardQuarantinedEvents = ({ ids, all }) => ({ discardedCount: all ? 5n : BigInt(ids.length) });
  const list = await runCli(["quarantine", "list"], { env });
  expect(list).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^3 .* 2 times {2}9 bytes {2}MALFORMED_JSON: line 1\n$/),
  });
  expect((await runCli(["quarantine", "discard", "3", "4"], { env })).stderr).toBe("callwire: 2 discarded.\n");
  expect((await runCli(["quarantine", "discard", "--all"], { env })).stderr).toBe("callwire: 5 discarded.\n");
  expect((await runCli(["quarantine", "discard", "3", "--all"], { env })).code).toBe(2);
});
