/** SubscriptionService's unary methods. Subscribe itself is in `subscribe-handler.ts`. */
import { create, fromBinary } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import {
  type ExplainEventRequest,
  ExplainEventResponseSchema,
  type GetLogInfoRequest,
  GetLogInfoResponseSchema,
  LimitsSchema,
  type ListEventsRequest,
  ListEventsResponseSchema,
  type SubscriptionService,
  ValueOrigin,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { Access } from "../auth/access.ts";
import type { AuditLog } from "../auth/audit-log.ts";
import type { Quotas } from "../auth/quotas.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import { cursorExpired, cursorOffset } from "../fanout/position.ts";
import { auditFacts, filterDigest, scopeName, viewName } from "../fanout/subscription.ts";
import type { KeyOrigin } from "../filters/block-keys.ts";
import type { Clause, CompiledFilter } from "../filters/compile.ts";
import { frameBody } from "../log/block.ts";
import { timestampFromMs } from "../log/block-builder.ts";
import { formatCursor } from "../log/cursor.ts";
import type { StoredKey } from "../log/event-reader.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { accessOf, addressOf } from "./caller.ts";
import { listEvents } from "./subscription-list.ts";

export interface SubscriptionServiceDeps {
  log: GatewayLog;
  limits: Limits;
  retentionMs: number | undefined;
  serverVersion: string;
  quotas: Quotas;
  audit: Pick<AuditLog, "listed">;
  /** Source ids of a tenant. */
  sourcesOf(tenant: string): readonly string[];
}

function durationFromMs(ms: number): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos: Math.round((ms % 1000) * 1_000_000) };
}

function limitsMessage(limits: Limits, retentionMs: number | undefined) {
  return create(LimitsSchema, {
    maxPublishItems: limits.maxPublishItems,
    maxPublishBytes: BigInt(limits.maxPublishBytes),
    maxBodyBytes: BigInt(limits.maxBodyBytes),
    maxJsonDepth: limits.maxJsonDepth,
    maxEventBytes: BigInt(limits.maxEventBytes),
    maxFilters: limits.maxFilters,
    maxFilterValues: limits.maxFilterValues,
    maxStreamsPerConnection: limits.maxStreamsPerConnection,
    maxPageSize: limits.maxPageSize,
    maxResponseBytes: BigInt(limits.maxResponseBytes),
    maxPendingBytes: BigInt(limits.maxPendingBytes),
    maxSubscriberQueueBytes: BigInt(limits.maxSubscriberQueueBytes),
    maxQuarantineEntries: BigInt(limits.maxQuarantineEntries),
    maxQuarantineBytes: BigInt(limits.maxQuarantineBytes),
    duplicateWindow: durationFromMs(limits.duplicateWindowMs),
    ...(retentionMs === undefined ? {} : { retention: durationFromMs(retentionMs) }),
  });
}

function getLogInfo(deps: SubscriptionServiceDeps, request: GetLogInfoRequest, access: Access) {
  const state = deps.log.state(access.tenant(request.tenant, deps.log.tenants));
  return create(GetLogInfoResponseSchema, {
    epoch: state.epoch,
    oldestCursor: formatCursor(state.epoch, state.oldestOffset),
    newestCursor: formatCursor(state.epoch, state.headOffset),
    eventCount: BigInt(state.eventCount),
    quarantinedCount: BigInt(state.quarantinedCount),
    serverVersion: deps.serverVersion,
    limits: limitsMessage(deps.limits, deps.retentionMs),
    serverTime: timestampFromMs(Date.now()),
    tenant: state.tenant,
    sources: [...deps.sourcesOf(state.tenant)],
  });
}

const origins: Record<KeyOrigin, ValueOrigin> = {
  payload: ValueOrigin.PAYLOAD,
  context: ValueOrigin.CONTEXT,
  removed: ValueOrigin.REMOVED,
  history: ValueOrigin.HISTORY,
};

/** A key's value as a filter would name it. */
function filterValue(field: string, key: string): string {
  const value = key.slice(1);
  const type = FilterSchema.fields.find(({ name }) => name === field)?.enum;
  return type?.value[Number(value)]?.name ?? value;
}

function explainClause(clause: Clause, keys: readonly StoredKey[]) {
  const own = keys.filter(({ key }) => key[0] === clause.attribute);
  const matched = own.filter(({ key }) => clause.keys.has(key));
  return {
    field: clause.field,
    matched: matched.length > 0,
    matchedValues: matched.map(({ key }) => filterValue(clause.field, key)),
    eventValues: own.map(({ key, origin }) => ({ value: filterValue(clause.field, key), origin: origins[origin] })),
  };
}

function explainFilter(filter: CompiledFilter, keys: readonly StoredKey[]) {
  const clauses = filter.clauses.map((clause) => explainClause(clause, keys));
  return { name: filter.name, matched: clauses.every(({ matched }) => matched), clauses };
}

async function explainEvent(deps: SubscriptionServiceDeps, request: ExplainEventRequest, access: Access) {
  const state = deps.log.state(access.tenant(request.tenant, deps.log.tenants));
  const offset = cursorOffset(request.cursor, "cursor", state);
  // Not narrowed: whoever may see the event is told about the filters as they were given.
  const { filters } = access.checkedFilters(request.filters, deps.limits);
  if (filters.length === 0) throw new CallwireError("EMPTY_FILTER", "filters: give at least one filter to explain");
  if (offset <= state.oldestOffset && offset > 0) throw cursorExpired(state);
  deps.quotas.admitReplay(state.tenant, access.policy);
  const stored = await deps.log.reader.event(state.tenant, offset, access.visibility);
  deps.quotas.replayed(state.tenant, access.policy, stored?.frame.length ?? 0);
  if (stored === undefined) throw new CallwireError("NOT_FOUND", `no event has the cursor ${request.cursor}`);
  const explained = filters.map((filter) => explainFilter(filter, stored.keys));
  return create(ExplainEventResponseSchema, {
    event: fromBinary(EventSchema, frameBody(stored.frame)),
    filters: explained,
    matched: explained.some(({ matched }) => matched),
  });
}

const listEventsPath = "/callwire.v1.SubscriptionService/ListEvents";

/** What the audit log tells of a listing. @throws CallwireError as for the listing itself */
function listingFacts({ log, limits }: SubscriptionServiceDeps, request: ListEventsRequest, context: HandlerContext) {
  const access = accessOf(context);
  const filters = access.filters(request.filters, limits);
  const view = access.view(viewName(request.view));
  const scope = scopeName(request.scope, filters);
  const asked = { tenant: access.tenant(request.tenant, log.tenants), filters, filterDigest: filterDigest(filters) };
  return { rpc: listEventsPath, address: addressOf(context), ...auditFacts({ ...asked, scope, view }) };
}

export function subscriptionService(deps: SubscriptionServiceDeps): Partial<ServiceImpl<typeof SubscriptionService>> {
  return {
    getLogInfo: (request, context) => getLogInfo(deps, request, accessOf(context)),
    explainEvent: (request, context) => explainEvent(deps, request, accessOf(context)),
    listEvents: async (request, context) => {
      const access = accessOf(context);
      const tenant = access.tenant(request.tenant, deps.log.tenants);
      deps.quotas.admitReplay(tenant, access.policy);
      if (request.pageToken === "") deps.audit.listed(access.policy, listingFacts(deps, request, context));
      const encoded = await listEvents(deps, request, access);
      deps.quotas.replayed(tenant, access.policy, encoded.length);
      return fromBinary(ListEventsResponseSchema, encoded);
    },
  };
}
