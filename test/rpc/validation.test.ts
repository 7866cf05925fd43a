/** What the RPCs refuse, case by case, over Connect JSON at the real port: code, reason and the field at fault. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";

let running: RunningGateway;
beforeAll(async () => {
  running = await runningGateway();
});
afterAll(() => running.dispose());

const subscriptions = "callwire.v1.SubscriptionService";
const calls = "callwire.v1.CallService";
const ingest = "callwire.v1.IngestService";

interface Failure {
  code: string;
  details: { type: string; debug: { reason?: string; fieldViolations?: { field: string }[] } }[];
}

async function call(method: string, request: object): Promise<Failure> {
  const response = await running.post(JSON.stringify(request), { path: `/${method}` });
  return (await response.json()) as Failure;
}

/** Method, request, code, reason and, where a field is at fault, its path. */
const refusals: [method: string, request: object, code: string, reason: string, field?: string][] = [
  [`${subscriptions}/ListEvents`, { queueName: ["x"] }, "invalid_argument", "UNKNOWN_FIELD", "queueName"],
  [
    `${subscriptions}/ListEvents`,
    { filters: { q: { queueName: ["x"] } } },
    "invalid_argument",
    "UNKNOWN_FIELD",
    'filters["q"].queueName',
  ],
  [`${subscriptions}/ListEvents`, { filters: { q: {} } }, "invalid_argument", "EMPTY_FILTER", 'filters["q"]'],
  [
    `${subscriptions}/ListEvents`,
    { filters: { q: { directions: ["SIDEWAYS"] } } },
    "invalid_argument",
    "UNKNOWN_ENUM_VALUE",
    'filters["q"].directions[0]',
  ],
  [
    `${subscriptions}/ListEvents`,
    { filters: { q: { queueIds: "support" } } },
    "invalid_argument",
    "INVALID_FIELD",
    'filters["q"].queue_ids',
  ],
  [
    `${subscriptions}/ListEvents`,
    { filters: { q: { queueIds: ["1", 2] } } },
    "invalid_argument",
    "INVALID_FIELD",
    'filters["q"].queue_ids[1]',
  ],
  [`${subscriptions}/ListEvents`, { filters: { q: null } }, "invalid_argument", "INVALID_FIELD", 'filters["q"]'],
  [`${subscriptions}/ListEvents`, { filters: [] }, "invalid_argument", "INVALID_FIELD", "filters"],
  [`${subscriptions}/ListEvents`, { startTime: "noon" }, "invalid_argument", "INVALID_FIELD", "start_time"],
  [`${subscriptions}/ListEvents`, { pageSize: 1.5 }, "invalid_argument", "INVALID_FIELD", "page_size"],
  [`${subscriptions}/ListEvents`, { start: true }, "invalid_argument", "UNKNOWN_ENUM_VALUE", "start"],
  [
    `${subscriptions}/ListEvents`,
    { start: "START_POSITION_EARLIEST", afterCursor: "00000000-1" },
    "invalid_argument",
    "INVALID_FIELD",
    "after_cursor",
  ],
  [`${subscriptions}/ListEvents`, { pageSize: 1, page_size: 2 }, "invalid_argument", "INVALID_FIELD", "page_size"],
  [
    `${subscriptions}/ListEvents`,
    { filters: { q: { directions: [0] } } },
    "invalid_argument",
    "INVALID_FIELD",
    'filters["q"].directions[0]',
  ],
  [`${subscriptions}/ListEvents`, { filters: { q: { directions: [99] } } }, "invalid_argument", "UNKNOWN_ENUM_VALUE"],
  [`${subscriptions}/ListEvents`, { pageSize: -1 }, "invalid_argument", "INVALID_FIELD", "page_size"],
  [`${subscriptions}/ListEvents`, { pageToken: "x" }, "invalid_argument", "INVALID_PAGE_TOKEN"],
  [`${subscriptions}/ListEvents`, { orderBy: "time" }, "invalid_argument", "INVALID_FIELD", "order_by"],
  [`${subscriptions}/ListEvents`, { afterCursor: "" }, "invalid_argument", "INVALID_CURSOR"],
  [`${subscriptions}/ListEvents`, { afterCursor: "nonsense" }, "invalid_argument", "INVALID_CURSOR"],
  [`${subscriptions}/ListEvents`, { afterCursor: "00000000-1" }, "failed_precondition", "EPOCH_MISMATCH"],
  [`${subscriptions}/ListEvents`, { tenant: "nobody" }, "not_found", "UNKNOWN_TENANT"],
  [`${subscriptions}/ExplainEvent`, { cursor: "x" }, "invalid_argument", "INVALID_CURSOR"],
  [`${calls}/GetCall`, {}, "invalid_argument", "INVALID_FIELD", "call_id"],
  [`${calls}/GetCall`, { callId: "nobody" }, "not_found", "NOT_FOUND"],
  [`${calls}/GetCall`, { callId: "x", asOfCursor: "00000000-1" }, "failed_precondition", "EPOCH_MISMATCH"],
  [`${calls}/ListCalls`, { status: "CALL_STATUS_LOST" }, "invalid_argument", "UNKNOWN_ENUM_VALUE"],
  [`${calls}/ListCalls`, { pageSize: -5 }, "invalid_argument", "INVALID_FIELD", "page_size"],
  [`${calls}/GetAgent`, { agentId: "" }, "invalid_argument", "INVALID_FIELD", "agent_id"],
  [`${ingest}/PublishEvents`, { items: [{ json: "{}" }] }, "invalid_argument", "INVALID_FIELD", "source"],
  [`${ingest}/PublishEvents`, { source: "nope", items: [{ json: "{}" }] }, "not_found", "UNKNOWN_SOURCE"],
  [`${ingest}/PublishEvents`, { source: "ccai" }, "invalid_argument", "INVALID_FIELD", "items"],
  [
    `${ingest}/PublishEvents`,
    { source: "ccai", items: [{ jsn: "{}" }] },
    "invalid_argument",
    "UNKNOWN_FIELD",
    "items[0].jsn",
  ],
  [
    `${ingest}/PublishEvents`,
    { source: "ccai", items: [{ json: 5 }] },
    "invalid_argument",
    "INVALID_FIELD",
    "items[0].json",
  ],
  [
    `${ingest}/PublishEvents`,
    { source: "ccai", items: [{ call: { callId: "1", participants: [{ state: "LOST" }] } }] },
    "invalid_argument",
    "UNKNOWN_ENUM_VALUE",
    "items[0].call.participants[0].state",
  ],
  [
    `${ingest}/PublishEvents`,
    { source: "ccai", items: [{ json: "{}", idempotencyKey: "a\u0000" }] },
    "invalid_argument",
    "INVALID_FIELD",
    "items[0].idempotency_key",
  ],
  [
    `${ingest}/PublishEvents`,
    { source: "ccai", items: Array(1_001).fill({ json: "{}" }) },
    "invalid_argument",
    "TOO_MANY_ITEMS",
    "items",
  ],
];

describe("a request is refused with its reason", () => {
  it.each(refusals)("%s %j: %s %s %s", async (method, request, code, reason, field) => {
    const failure = await call(method, request);
    expect(failure.code).toBe(code);
    const debug = failure.details.map((detail) => detail.debug);
    expect(debug.find((detail) => detail.reason !== undefined)?.reason).toBe(reason);
    if (field === undefined) return;
    expect(debug.flatMap(({ fieldViolations = [] }) => fieldViolations.map((violation) => violation.field))).toContain(
      field,
    );
  });

  it("one that names no tenant of several", async () => {
    const two = await runningGateway("tenants: [{id: a, sources: [{id: x}]}, {id: b, sources: [{id: x}]}]");
    const response = await two.post("{}", { path: `/${subscriptions}/GetLogInfo` });
    const { details } = (await response.json()) as Failure;
    expect(details[0]!.debug.reason).toBe("TENANT_REQUIRED");
    expect(details[1]!.debug.fieldViolations).toMatchObject([{ field: "tenant" }]);
    await two.dispose();
  });

  it("a cursor beyond the head is out of range", async () => {
    const { newestCursor } = (await call(`${subscriptions}/GetLogInfo`, {})) as unknown as { newestCursor: string };
    const [epoch] = newestCursor.split("-");
    const failure = await call(`${subscriptions}/ListEvents`, { afterCursor: `${epoch}-999999` });
    expect(failure).toMatchObject({ code: "out_of_range" });
    expect(failure.details[0]!.debug.reason).toBe("CURSOR_AHEAD");
  });
});
