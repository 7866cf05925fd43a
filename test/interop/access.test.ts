/** Who may see and do what, on every path that leads to events, seen from outside with real clients. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EventView, Scope, StartPosition } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { bearer, type Caller, callerWith, reasonOf, subscribed } from "./caller.ts";
import { type RunningGateway, runningGateway } from "./running-gateway.ts";

const keys = {
  ALL: "all-0123456789abcdef",
  SUPPORT: "support-0123456789abcdef",
  NEXT: "support-next-0123456789",
  MASKED: "masked-0123456789abcdef",
  OTHER: "other-0123456789abcdef",
  READER: "reader-0123456789abcdef",
  BASIC: "basic-0123456789abcdef",
  OLD: "old-0123456789abcdef",
  HASH: "0123456789abcdef0123456789abcdef",
};

const yaml = (supportFilter = "{queue_names: [support]}") => `
tenants:
  - {id: acme, sources: [{id: ccai}]}
  - {id: globex, sources: [{id: ccai}]}
credentials:
  - {id: all, api_key: {env: ALL}, tenants: [acme, globex], default_tenant: acme, permissions: [subscribe, publish, observe, admin], privileged: true}
  - {id: support, api_key: [{env: SUPPORT}, {env: NEXT}], tenants: [acme], filter: ${supportFilter}, permissions: [subscribe, admin]}
  - {id: masked, api_key: {env: MASKED}, tenants: [acme], mask: vendor, permissions: [subscribe, observe, admin]}
  - {id: other, api_key: {env: OTHER}, tenants: [globex], permissions: [subscribe]}
  - {id: reader, api_key: {env: READER}, tenants: [acme], permissions: [subscribe]}
  - {id: basic, api_key: {env: BASIC}, tenants: [acme], view: basic}
  - {id: old, api_key: {env: OLD}, tenants: [acme], expires: 2020-01-01T00:00:00Z}
masks:
  vendor: {personal: hash, sensitive: drop, hash_key: {env: HASH}}
`;

let running: RunningGateway;
const callers = {} as Record<keyof typeof keys | "NOBODY" | "WRONG", Caller>;

beforeAll(async () => {
  running = await runningGateway(yaml(), keys);
  const { url } = running.gateway;
  for (const [name, key] of Object.entries(keys)) callers[name as "ALL"] = callerWith(url, bearer(key));
  callers.NOBODY = callerWith(url, {});
  callers.WRONG = callerWith(url, bearer("wrong"));
  await tell("support-1", "ringing", { Queue_path_names: "support/orders", ...agent("7", "ringing") });
  await tell("support-1", "connected", agent("7"));
  await tell("sales-1", "ringing", { Queue_path_names: "sales", ...agent("8", "ringing"), Initiator: "+15550100" });
  await tell("sales-1", "connected", { Participants: [agentLeg("8"), caller("+15550100")] });
  await tell("moved-1", "connected", { Queue_path_names: "sales", ...agent("8") });
  await tell("moved-1", "transferred", { Queue_path_names: "support", ...agent("7") });
  await tell("support-1", "disconnected");
});
afterAll(async () => {
  for (const each of Object.values(callers)) each.close();
  await running.dispose();
});

const agentLeg = (ParticipantID: string, State = "connected"): object => ({ ParticipantID, Type: "agent", State });
const agent = (id: string, State = "connected"): object => ({ Participants: [agentLeg(id, State)] });
const caller = (ParticipantID: string): object => ({ ParticipantID, Type: "external", State: "connected" });

async function tell(CallID: string, State: string, item: object = {}, tenant = "acme"): Promise<string> {
  const json = JSON.stringify({ type: "CallState", item: { CallID, State, ...item } });
  const request = { tenant, source: "ccai", items: [{ event: { case: "json" as const, value: json } }] };
  const { results } = await callers.ALL.ingest.publishEvents(request);
  return results[0]!.cursor;
}

const everything = { position: { case: "start" as const, value: StartPosition.EARLIEST } };

async function listed(who: Caller, request: object = {}) {
  return (await who.subscriptions.listEvents({ ...request })).events;
}

/** Call ids with the offsets of their events. */
function storyOf(events: Awaited<ReturnType<typeof listed>>): string[] {
  return events.map(({ payload, offset }) => `${(payload.value as { callId: string }).callId} ${offset}`);
}

describe("credentials", () => {
  it("lets nobody in without one, with a wrong one or an expired one, and tells none of them more", async () => {
    for (const who of ["NOBODY", "WRONG", "OLD"] as const) {
      expect(await reasonOf(callers[who].subscriptions.listEvents({}))).toBe("UNAUTHENTICATED");
      expect(await reasonOf(callers[who].subscriptions.subscribe({}))).toBe("UNAUTHENTICATED");
      expect(await reasonOf(callers[who].calls.watchCalls({}))).toBe("UNAUTHENTICATED");
      expect(await reasonOf(callers[who].ingest.publishEvents({ source: "ccai" }))).toBe("UNAUTHENTICATED");
    }
  });

  it("takes two keys of one credential at once, and the key in x-api-key too", async () => {
    const first = storyOf(await listed(callers.SUPPORT));
    expect(storyOf(await listed(callers.NEXT))).toEqual(first);
    const byHeader = callerWith(running.gateway.url, { "x-api-key": keys.SUPPORT });
    expect(storyOf(await listed(byHeader))).toEqual(first);
    byHeader.close();
  });

  it("answers plain pages by the same rules", async () => {
    const status = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
      (await fetch(running.gateway.url + path, { headers })).status;
    expect(await status("/healthz")).toBe(200);
    expect(await status("/readyz")).toBe(200);
    expect(await status("/metrics")).toBe(401);
    expect(await status("/metrics", bearer(keys.READER))).toBe(403);
    expect(await status("/metrics", bearer(keys.ALL))).toBe(200);
  });
});

describe("permissions and tenants", () => {
  it("denies what the credential does not have", async () => {
    expect(await reasonOf(callers.READER.ingest.publishEvents({ source: "ccai" }))).toBe("PERMISSION_DENIED");
    expect(await reasonOf(callers.READER.admin.listQuarantinedEvents({}))).toBe("PERMISSION_DENIED");
    expect(await reasonOf(callers.READER.admin.createApiKey({}))).toBe("PERMISSION_DENIED");
  });

  it("answers a foreign tenant as one that does not exist", async () => {
    const denied = async (tenant: string): Promise<string> => {
      const error = await callers.READER.subscriptions.listEvents({ tenant }).catch((failure: unknown) => failure);
      return String(error);
    };
    expect(await denied("globex")).toBe(await denied("nobody"));
    for (const request of [
      callers.OTHER.subscriptions.getLogInfo({ tenant: "acme" }),
      callers.OTHER.subscriptions.explainEvent({ tenant: "acme", cursor: "x", filters: { a: { queueNames: ["a"] } } }),
      callers.OTHER.calls.getCall({ tenant: "acme", id: { case: "callId", value: "sales-1" } }),
      callers.OTHER.calls.listCalls({ tenant: "acme" }),
      callers.OTHER.calls.getAgent({ tenant: "acme", id: { case: "agentId", value: "8" } }),
      callers.OTHER.calls.listAgents({ tenant: "acme" }),
    ]) {
      expect(await reasonOf(request)).toBe("PERMISSION_DENIED");
    }
    expect(await reasonOf(callers.OTHER.subscriptions.subscribe({ tenant: "acme" }))).toBe("PERMISSION_DENIED");
    expect(await reasonOf(callers.OTHER.calls.watchCalls({ tenant: "acme" }))).toBe("PERMISSION_DENIED");
  });

  it("takes no cursor and no page token across tenants", async () => {
    const [event] = await listed(callers.ALL);
    const cursor = (await callers.ALL.subscriptions.getLogInfo({ tenant: "acme" })).newestCursor;
    expect(event).toBeDefined();
    expect(
      await reasonOf(callers.OTHER.subscriptions.subscribe({ position: { case: "afterCursor", value: cursor } })),
    ).toBe("EPOCH_MISMATCH");
    const { nextPageToken } = await callers.ALL.subscriptions.listEvents({ tenant: "acme", pageSize: 1 });
    const stolen = callers.OTHER.subscriptions.listEvents({ pageSize: 1, pageToken: nextPageToken });
    expect(await reasonOf(stolen)).toBe("PAGE_TOKEN_MISMATCH");
    const widened = callers.SUPPORT.subscriptions.listEvents({ pageSize: 1, pageToken: nextPageToken });
    expect(await reasonOf(widened)).toBe("PAGE_TOKEN_MISMATCH");
  });

  it("refuses a view above the credential's", async () => {
    expect(await reasonOf(callers.BASIC.subscriptions.listEvents({ view: EventView.FULL }))).toBe("VIEW_NOT_ALLOWED");
    expect(await reasonOf(callers.BASIC.subscriptions.subscribe({ view: EventView.FULL }))).toBe("VIEW_NOT_ALLOWED");
    expect(await reasonOf(callers.BASIC.subscriptions.listEvents({ view: EventView.BASIC }))).toBe("OK");
  });
});

describe("a forced filter", () => {
  const visible = ["support-1 1", "support-1 2", "moved-1 6", "support-1 7"];

  it("bounds lists, whatever the caller asks for", async () => {
    expect(storyOf(await listed(callers.SUPPORT))).toEqual(visible);
    expect(storyOf(await listed(callers.SUPPORT, { orderBy: "offset desc" }))).toEqual(visible.toReversed());
    expect(await listed(callers.SUPPORT, { filters: { mine: { queueNames: ["sales"] } } })).toHaveLength(1);
    expect(storyOf(await listed(callers.SUPPORT, { filters: { mine: { agentIds: ["7"] } } }))).toEqual(visible);
    const followed = await listed(callers.SUPPORT, { filters: { a: { agentIds: ["8"] } }, scope: Scope.CALL });
    expect(storyOf(followed)).toEqual(["moved-1 6"]);
  });

  it("bounds streams, replayed and live, in both views", async () => {
    for (const view of [EventView.BASIC, EventView.FULL]) {
      for (const scope of [Scope.EVENT, Scope.CALL]) {
        const ending = new AbortController();
        const filters =
          scope === Scope.CALL ? { all: { callIds: ["support-1", "sales-1", "moved-1", "live", "live-end"] } } : {};
        const stream = callers.SUPPORT.subscriptions.subscribe(
          { ...everything, filters, scope, view },
          { signal: ending.signal },
        );
        const seen: string[] = [];
        let wentLive = false;
        try {
          for await (const { events, notice } of stream) {
            for (const { payload } of events)
              seen.push((payload.value as { callId: string; stateText: string }).callId);
            if (notice.case === "caughtUp" && !wentLive) {
              wentLive = true;
              await tell("live", "connected", { Queue_path_names: "sales", ...agent("8") });
              await tell("live", "connected", { Queue_path_names: "support", ...agent("8") });
              await tell("live-end", "connected", { Queue_path_names: "support" });
            }
            if (seen.includes("live-end") && wentLive) break;
          }
        } finally {
          ending.abort();
        }
        const mine = seen.filter((id) => id !== "live-end" && id !== "live");
        expect(mine).toEqual(["support-1", "support-1", "moved-1", "support-1"]);
        expect(seen.filter((id) => id === "sales-1")).toEqual([]);
      }
    }
  });

  it("shows of a session only what visible events have shown", async () => {
    const [event] = (await listed(callers.SUPPORT, { view: EventView.FULL })).filter(
      ({ payload }) => payload.case === "call" && payload.value.callId === "moved-1",
    );
    expect(event?.session?.agents.map(({ agentId }) => agentId)).toEqual(["7"]);
    expect(event?.session?.queuePathNames).toEqual(["support"]);
    const { session } = await callers.SUPPORT.calls.getCall({ id: { case: "callId", value: "moved-1" } });
    expect(session?.queueSpans.map(({ queuePathNames }) => queuePathNames.join("/"))).not.toContain("sales");
    expect(session?.agents.map(({ agentId }) => agentId)).toEqual(["7"]);
    const whole = await callers.ALL.calls.getCall({ id: { case: "callId", value: "moved-1" } });
    expect(whole.session?.agents.map(({ agentId }) => agentId)).toEqual(["8", "7"]);
  });

  it("hides calls, agents and events that it does not match", async () => {
    expect(await reasonOf(callers.SUPPORT.calls.getCall({ id: { case: "callId", value: "sales-1" } }))).toBe(
      "NOT_FOUND",
    );
    const { sessions } = await callers.SUPPORT.calls.listCalls({});
    expect(sessions.map(({ sessionId }) => sessionId)).not.toContain("sales-1");
    expect((await callers.SUPPORT.calls.listAgents({})).agents).toEqual([]);
    const [hidden] = (await listed(callers.ALL)).filter(({ offset }) => offset === 3n);
    expect(hidden).toBeDefined();
    const epoch = (await callers.ALL.subscriptions.getLogInfo({})).epoch;
    const explain = callers.SUPPORT.subscriptions.explainEvent({
      cursor: `${epoch}-3`,
      filters: { a: { agentIds: ["8"] } },
    });
    expect(await reasonOf(explain)).toBe("NOT_FOUND");
    const explained = await callers.SUPPORT.subscriptions.explainEvent({
      cursor: `${epoch}-6`,
      filters: { a: { agentIds: ["8"] } },
    });
    expect(
      JSON.stringify(explained.filters, (_, value) => (typeof value === "bigint" ? String(value) : value)),
    ).not.toContain('"8"');
  });

  it("closes the quarantine and the keys, which nothing could filter", async () => {
    expect(await reasonOf(callers.SUPPORT.admin.listQuarantinedEvents({}))).toBe("PERMISSION_DENIED");
    expect(await reasonOf(callers.MASKED.admin.getQuarantinedEvent({ id: "1" }))).toBe("PERMISSION_DENIED");
    expect(await reasonOf(callers.SUPPORT.admin.listApiKeys({}))).toBe("PERMISSION_DENIED");
  });
});

describe("a mask", () => {
  it("hides personal data on every path, and the source's text", async () => {
    const request = { view: EventView.FULL, filters: { a: { callIds: ["sales-1"] } } };
    const shown = await listed(callers.ALL, request);
    const masked = await listed(callers.MASKED, request);
    const text = (value: unknown): string =>
      JSON.stringify(value, (_, each) => (typeof each === "bigint" ? String(each) : each));
    expect(text(shown)).toContain("+15550100");
    expect(text(masked)).not.toContain("15550100");
    expect(masked.every(({ rawJson, withheld }) => rawJson === "" && withheld)).toBe(true);
    const { session } = await callers.MASKED.calls.getCall({ id: { case: "callId", value: "sales-1" } });
    expect(text(session)).not.toContain("15550100");
    const { sessions } = await callers.MASKED.calls.listCalls({});
    expect(text(sessions)).not.toContain("15550100");
    const bounded = { ...everything, end: { case: "endTime" as const, value: { seconds: 1n, nanos: 0 } } };
    for await (const response of callers.MASKED.subscriptions.subscribe({ ...bounded, view: EventView.FULL })) {
      expect(response.masked).toBe(true);
    }
  });

  it("is stable, so that what belongs together can be joined", async () => {
    const events = await listed(callers.MASKED, { filters: { a: { callIds: ["sales-1"] } } });
    const call = events.map(
      ({ payload }) => payload.value as { initiator: string; participants: { participantId?: string }[] },
    );
    expect(call[0]!.initiator).toMatch(/^h_[0-9a-f]{32}$/);
    expect(call[1]!.participants[1]!.participantId).toBe(call[0]!.initiator);
    expect(call[1]!.participants[0]!.participantId).toBe("8");
  });

  it("cannot be probed by filters", async () => {
    const filters = { probe: { participantIds: ["+15550100"] } };
    expect(await reasonOf(callers.MASKED.subscriptions.listEvents({ filters }))).toBe("FIELD_MASKED");
    expect(await reasonOf(callers.MASKED.subscriptions.subscribe({ filters }))).toBe("FIELD_MASKED");
    expect(await reasonOf(callers.MASKED.calls.listCalls({ filters }))).toBe("FIELD_MASKED");
    expect(await reasonOf(callers.MASKED.calls.watchCalls({ filters }))).toBe("FIELD_MASKED");
    const explain = callers.MASKED.subscriptions.explainEvent({ cursor: "x", filters });
    expect(await reasonOf(explain)).not.toBe("OK");
    const byEmail = callers.MASKED.calls.getAgent({ id: { case: "email", value: "a@example.com" } });
    expect(await reasonOf(byEmail)).toBe("FIELD_MASKED");
  });

  it("withholds what is sensitive while a party is redacted, from all but privileged credentials", async () => {
    const item = { ...agent("9"), Custom_data_secured: { card: "4111" }, CustomHeaders: { card: "4111" } };
    await tell("redacted-1", "connected", item);
    await tell("redacted-1", "connected", { ...item, Participants: [agentLeg("9", "redacted")] });
    await tell("redacted-1", "connected", { ...item, Participants: [agentLeg("9", "unredacted")] });
    const request = { view: EventView.FULL, filters: { a: { callIds: ["redacted-1"] } } };
    const seen = await listed(callers.READER, request);
    expect(seen.map(({ rawJson }) => rawJson.includes("4111"))).toEqual([true, false, true]);
    expect(seen.map(({ withheld }) => withheld)).toEqual([false, true, false]);
    const privileged = await listed(callers.ALL, request);
    expect(privileged.every(({ rawJson }) => rawJson.includes("4111"))).toBe(true);
  });
});

describe("API keys", () => {
  it("are made, used, listed and revoked; a revoked one ends its open stream within seconds", async () => {
    const made = await callers.ALL.admin.createApiKey({
      key: { name: "qm-vendor", tenants: ["acme"], permissions: ["subscribe"], filters: [{ queueNames: ["support"] }] },
    });
    expect(made.secret).toMatch(/^cwk_[0-9a-z]{12}_[0-9A-Za-z_-]{43}$/);
    const vendor = callerWith(running.gateway.url, bearer(made.secret));
    expect(storyOf(await listed(vendor)).slice(0, 4)).toEqual(storyOf(await listed(callers.SUPPORT)).slice(0, 4));
    const open = await subscribed(vendor);
    const { keys: known } = await callers.ALL.admin.listApiKeys({});
    expect(known).toMatchObject([{ id: made.key!.id, name: "qm-vendor", lastUsedTime: expect.anything() }]);
    const stored = readFileSync(join(running.dataDir, "control.json"), "utf8");
    expect(stored).not.toContain(made.secret.slice(-43));
    const began = performance.now();
    await callers.ALL.admin.revokeApiKey({ id: made.key!.id });
    expect(await open.end).toBe("CREDENTIAL_ENDED");
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await reasonOf(vendor.subscriptions.listEvents({}))).toBe("UNAUTHENTICATED");
    vendor.close();
  });

  it("give nobody more than the credential that makes them", async () => {
    const reader = await callers.ALL.admin.createApiKey({
      key: { name: "operator", tenants: ["acme"], permissions: ["admin"], view: EventView.BASIC },
    });
    const operator = callerWith(running.gateway.url, bearer(reader.secret));
    const make = (key: object) => reasonOf(operator.admin.createApiKey({ key: { name: "x", ...key } }));
    expect(await make({ permissions: ["subscribe"] })).toBe("PERMISSION_DENIED");
    expect(await make({ permissions: ["admin"], tenants: ["globex"], view: EventView.BASIC })).toBe(
      "PERMISSION_DENIED",
    );
    expect(await make({ permissions: ["admin"] })).toBe("PERMISSION_DENIED");
    expect(await make({ permissions: ["admin"], view: EventView.BASIC, privileged: true })).toBe("PERMISSION_DENIED");
    expect(await make({ permissions: ["admin"], view: EventView.BASIC })).toBe("OK");
    operator.close();
  });
});

describe("a changed configuration", () => {
  it("narrows an open stream, which resumes under the new policy", async () => {
    const open = await subscribed(callers.SUPPORT);
    running.reconfigure(yaml("{queue_names: [billing]}"));
    expect(await open.end).toBe("POLICY_CHANGED");
    expect(await listed(callers.SUPPORT)).toEqual([]);
    running.reconfigure(yaml());
    await vi.waitFor(async () => expect(await listed(callers.SUPPORT)).not.toEqual([]), { timeout: 120_000 });
  });

  it("that cannot be used changes nothing", async () => {
    const before = storyOf(await listed(callers.SUPPORT));
    running.reconfigure("credentials: 7");
    const refused = reasonOf(callers.SUPPORT.subscriptions.subscribe({}, { timeoutMs: 3_000 }));
    expect(await refused).toContain("timed out");
    expect(storyOf(await listed(callers.SUPPORT))).toEqual(before);
    running.reconfigure(yaml());
  });
});

it("the audit log tells who did what, and never data or secrets", async () => {
  const path = join(running.dataDir, "audit.jsonl");
  await vi.waitFor(() => expect(readFileSync(path, "utf8")).toContain("revoke_api_key"));
  const text = readFileSync(path, "utf8");
  const actions = new Set(
    text
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { action: string }).action),
  );
  expect([...actions]).toEqual(expect.arrayContaining(["denied", "stream_opened", "stream_closed", "administered"]));
  for (const secret of [...Object.values(keys), "15550100", "4111"]) expect(text).not.toContain(secret);
});
