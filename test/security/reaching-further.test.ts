/** Callers who ask for more than is theirs: tenants guessed in every field, cursors and tokens forged, filters widened, masks probed. */
import { createRequire, syncBuiltinESMExports } from "node:module";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminService } from "../../gen/ts/callwire/v1/admin_pb.ts";
import { CallService } from "../../gen/ts/callwire/v1/call_pb.ts";
import { FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { IngestService } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { rpcRequirements } from "../../src/auth/permissions.ts";
import { provesByHeader } from "../../src/webhook/source-auth.ts";
import { bearer, type Caller, callerWith, reasonOf } from "../interop/caller.ts";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";
import { envelope, http2Answer } from "./raw-http.ts";

const keys = {
  ROOT: "root-0123456789abcdef0123456789",
  ACME: "acme-0123456789abcdef0123456789",
  NARROW: "narrow-0123456789abcdef01234567",
  MASKED: "masked-0123456789abcdef01234567",
  HASH: "0123456789abcdef0123456789abcdef",
};
const every = "[subscribe, publish, observe, admin]";
const yaml = `
tenants:
  - {id: acme, sources: [{id: ccai}]}
  - {id: globex, sources: [{id: ccai}]}
credentials:
  - {id: root, api_key: {env: ROOT}, tenants: [acme, globex], permissions: ${every}}
  - {id: acme, api_key: {env: ACME}, tenants: [acme], permissions: ${every}}
  - {id: narrow, api_key: {env: NARROW}, tenants: [acme], filter: {queue_names: [support]}, permissions: ${every}}
  - {id: masked, api_key: {env: MASKED}, tenants: [acme], mask: strict, permissions: ${every}}
masks:
  strict: {personal: drop, fields: {Participant.participant_id: drop, AgentEvent.participant_id: drop, Agent.agent_id: drop}}
`;

let running: RunningGateway;
const who = {} as Record<keyof typeof keys, Caller>;
beforeAll(async () => {
  running = await runningGateway(yaml, keys);
  for (const [name, key] of Object.entries(keys)) who[name as "ROOT"] = callerWith(running.gateway.url, bearer(key));
  for (const tenant of ["acme", "globex"]) {
    const items = ["support", "sales", "support"].map((queue, index) => {
      const item = { CallID: `${tenant}-${index}`, State: "ringing", Queue_path_names: queue };
      return { event: { case: "json" as const, value: JSON.stringify({ type: "CallState", item }) } };
    });
    await who.ROOT.ingest.publishEvents({ tenant, source: "ccai", items });
  }
});
afterAll(async () => {
  for (const each of Object.values(who)) each.close();
  await running.dispose();
});

/** The methods whose requests name a tenant. */
const withTenant = [SubscriptionService, IngestService, CallService, AdminService].flatMap((service) =>
  service.methods
    .filter(({ input }) => input.fields.some(({ name }) => name === "tenant"))
    .map((method) => ({ path: `/${service.typeName}/${method.name}`, method })),
);

/** What a request needs beside its tenant, so that the tenant is what is judged. */
const rest: Record<string, object> = {
  ExplainEvent: { cursor: "00000000-1", filters: { a: { queueNames: ["support"] } } },
  PublishEvents: { source: "ccai", items: [{ json: "{}" }] },
  PublishStream: { source: "ccai", items: [{ json: "{}" }] },
  GetCall: { callId: "globex-0" },
  GetAgent: { agentId: "7" },
  GetQuarantinedEvent: { id: "1" },
  RetryQuarantinedEvents: { all: true },
  DiscardQuarantinedEvents: { all: true },
};

describe("a tenant that is guessed", () => {
  it.each(withTenant)("in $path is answered as one that does not exist", async ({ path, method }) => {
    const answerFor = async (tenant: string): Promise<string> => {
      const json = JSON.stringify({ tenant, ...rest[method.name] });
      const isUnary = method.methodKind === "unary";
      const type = isUnary ? "application/json" : "application/connect+json";
      const { status, body } = await http2Answer(running, {
        path,
        headers: { "content-type": type, authorization: `Bearer ${keys.ACME}` },
        body: isUnary ? json : envelope(Buffer.from(json)),
      });
      return `${status} ${body}`;
    };
    const foreign = await answerFor("globex");
    expect(foreign).toContain("PERMISSION_DENIED");
    expect(await answerFor("nobody")).toBe(foreign);
    expect(await answerFor("../globex")).toBe(foreign);
  });

  it("in an API key that is made is denied, and keys of others are as unknown as none", async () => {
    const key = { name: "x", permissions: ["subscribe"], tenants: ["globex"] };
    expect(await reasonOf(who.ACME.admin.createApiKey({ key }))).toBe("PERMISSION_DENIED");
    const { key: made } = await who.ROOT.admin.createApiKey({ key });
    expect((await who.ACME.admin.listApiKeys({})).keys).toEqual([]);
    const failure = async (id: string) => String(await who.ACME.admin.revokeApiKey({ id }).catch((error) => error));
    expect((await failure(made!.id)).replaceAll(made!.id, "")).toBe(
      (await failure("000000000000")).replaceAll("000000000000", ""),
    );
  });

  it("by its cursors is answered as by those of no log", async () => {
    const { epoch } = await who.ROOT.subscriptions.getLogInfo({ tenant: "globex" });
    const outcome = (cursor: string) =>
      reasonOf(who.ACME.subscriptions.listEvents({ position: { case: "afterCursor", value: cursor } }));
    expect(await outcome(`${epoch}-0`)).toBe("EPOCH_MISMATCH");
    expect(await outcome("ffffffff-0")).toBe("EPOCH_MISMATCH");
  });

  it("in the metrics is not there", async () => {
    const metrics = async (key: string) =>
      (await fetch(`${running.gateway.url}/metrics`, { headers: bearer(key) })).text();
    expect(await metrics(keys.ACME)).toContain('tenant="acme"');
    expect(await metrics(keys.ACME)).not.toMatch(/globex|process_/);
    expect(await metrics(keys.ROOT)).toContain('tenant="globex"');
  });
});

describe("page tokens", () => {
  const page = { pageSize: 1 };
  const forge = (token: string, change: (parts: unknown[]) => unknown): string =>
    Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(token, "base64url").toString())))).toString("base64url");

  it("of one caller are no good for another, nor for other filters", async () => {
    const { nextPageToken: pageToken } = await who.ACME.subscriptions.listEvents(page);
    expect(await reasonOf(who.NARROW.subscriptions.listEvents({ ...page, pageToken }))).toBe("PAGE_TOKEN_MISMATCH");
    const globex = { ...page, tenant: "globex", pageToken };
    expect(await reasonOf(who.ROOT.subscriptions.listEvents(globex))).toBe("PAGE_TOKEN_MISMATCH");
    const widened = { ...page, pageToken, filters: { a: { queueNames: ["support"] } } };
    expect(await reasonOf(who.ACME.subscriptions.listEvents(widened))).toBe("PAGE_TOKEN_MISMATCH");
  });

  it.each([
    ["a negative place", "-1 9 9"],
    ["no number", "x 9 9"],
    ["too few numbers", "1 2"],
    ["a number beyond all", "1 99999999999999999999 9"],
    ["SQL", "1;drop table events 9 9"],
  ])("with %s are refused", async (_, place) => {
    const { nextPageToken } = await who.ACME.subscriptions.listEvents(page);
    const pageToken = forge(nextPageToken, ([version, binding]) => [version, binding, place]);
    expect(await reasonOf(who.ACME.subscriptions.listEvents({ ...page, pageToken }))).toBe("INVALID_PAGE_TOKEN");
  });

  it("that are forged lead a narrow caller nowhere but to its own events", async () => {
    const { nextPageToken } = await who.NARROW.subscriptions.listEvents(page);
    const pageToken = forge(nextPageToken, ([version, binding]) => [version, binding, "0 1000000 1000000"]);
    const { events } = await who.NARROW.subscriptions.listEvents({ pageToken, pageSize: 1 });
    expect(events.map(({ payload }) => (payload.value as { callId: string }).callId)).toEqual(["acme-0"]);
  });

  it.each([
    "",
    "AAAA",
    "e30",
    Buffer.from("[1]").toString("base64url"),
    "x".repeat(10_000),
  ])("that are none (%#) are refused by every list", async (token) => {
    const pageToken = token === "" ? "!" : token;
    const outcomes = await Promise.all(
      [
        who.ACME.subscriptions.listEvents({ pageToken }),
        who.ACME.calls.listCalls({ pageToken }),
        who.ACME.calls.listAgents({ pageToken }),
        who.ACME.admin.listQuarantinedEvents({ pageToken }),
      ].map(reasonOf),
    );
    expect(outcomes).toEqual(outcomes.map(() => "INVALID_PAGE_TOKEN"));
  });
});

describe("cursors", () => {
  it.each([
    "-1",
    "0",
    "zzzzzzzz-1",
    "00000000-1e3",
    "00000000--1",
    "00000000-99999999999999999999",
    "00000000-1\n",
    "%00",
  ])("%j is refused without a defect", async (cursor) => {
    const { epoch } = await who.ACME.subscriptions.getLogInfo({});
    for (const value of [cursor, cursor.replace("00000000", epoch)]) {
      const list = who.ACME.subscriptions.listEvents({ position: { case: "afterCursor", value } });
      const code = await list.then(
        () => Code.Internal,
        (error) => ConnectError.from(error).code,
      );
      expect([Code.InvalidArgument, Code.OutOfRange, Code.FailedPrecondition]).toContain(code);
      const explain = who.ACME.subscriptions.explainEvent({ cursor: value, filters: { a: { queueNames: ["a"] } } });
      expect(await reasonOf(explain)).not.toMatch(/INTERNAL|OK/);
    }
  });
});

describe("a forced filter", () => {
  it.each([
    ["no filter", {}],
    ["a filter on what is hidden", { a: { queueNames: ["sales"] } }],
    ["a filter beside the forced one's name", { "forced-0": { queueNames: ["sales", "support"] } }],
    ["several filters", { a: { queueNames: ["support"] }, b: { queueNames: ["sales"] } }],
    ["a filter on the hidden call", { a: { callIds: ["acme-1"] } }],
  ])("is not widened by %s", async (_, filters) => {
    const { events } = await who.NARROW.subscriptions.listEvents({ filters });
    expect(events.map(({ payload }) => (payload.value as { callId: string }).callId)).not.toContain("acme-1");
  });
});

describe("a mask", () => {
  it("lets nothing that it hides be asked for by value, in any field of a filter", async () => {
    const probes: [string, object][] = FilterSchema.fields.map(({ localName, name, enum: values, fieldKind }) => [
      name,
      { [localName]: fieldKind === "list" ? [values === undefined ? "x" : 1] : true },
    ]);
    const refused: string[] = [];
    for (const [name, probe] of probes) {
      const reason = await reasonOf(who.MASKED.subscriptions.listEvents({ filters: { probe } }));
      expect(["OK", "FIELD_MASKED"], name).toContain(reason);
      if (reason === "FIELD_MASKED") refused.push(name);
    }
    expect(refused.sort()).toEqual(["agent_emails", "agent_ids", "participant_ids"]);
  });

  it("nor by looking up, nor in the place that a page token names", async () => {
    const { calls } = who.MASKED;
    expect(await reasonOf(calls.getAgent({ id: { case: "agentId", value: "7" } }))).toBe("FIELD_MASKED");
    expect(await reasonOf(calls.getAgent({ id: { case: "email", value: "a@example.com" } }))).toBe("FIELD_MASKED");
    expect(await reasonOf(calls.listAgents({ pageSize: 1 }))).toBe("FIELD_MASKED");
  });
});

it("every method without a valid credential is UNAUTHENTICATED, whatever it is sent", async () => {
  for (const [path, requirement] of Object.entries(rpcRequirements)) {
    if (requirement === "public") continue;
    for (const authorization of [
      "",
      "Bearer",
      "Bearer x",
      "Basic cm9vdDpyb290",
      `bearer ${keys.ROOT}x`,
      "Bearer a.b.c",
    ]) {
      const headers = { "content-type": "application/grpc", ...(authorization === "" ? {} : { authorization }) };
      const answer = await http2Answer(running, { path, headers, body: envelope(Buffer.from([0xff, 0xff])) });
      expect(answer.headers["grpc-status"], `${path} ${authorization}`).toBe("16");
      expect(answer.headers["grpc-message"]).toBe("the%20credential%20is%20missing%2C%20wrong%20or%20over");
    }
  }
});

it("secrets are compared in constant time: every candidate, whatever was sent", () => {
  const crypto = createRequire(import.meta.url)("node:crypto") as { timingSafeEqual: (...given: unknown[]) => boolean };
  const { timingSafeEqual } = crypto;
  let comparisons = 0;
  crypto.timingSafeEqual = (...given) => {
    comparisons++;
    return timingSafeEqual(...given);
  };
  syncBuiltinESMExports();
  try {
    const auth = { basic: { username: "u", passwords: ["one", "two"] }, bearer: undefined, hmac: undefined };
    const counts = ["u:one", "u:two", "u:three", "", "u:one-and-more"].map((text) => {
      comparisons = 0;
      provesByHeader({ authorization: `Basic ${Buffer.from(text || "-").toString("base64")}` }, auth);
      return comparisons;
    });
    expect(counts).toEqual([2, 2, 2, 2, 2]);
  } finally {
    crypto.timingSafeEqual = timingSafeEqual;
    syncBuiltinESMExports();
  }
});
