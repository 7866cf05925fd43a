/** AdminService: the quarantine; API keys are in `api-key-methods.ts`. */
import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type AdminService,
  type DiscardQuarantinedEventsRequest,
  type GetQuarantinedEventRequest,
  type ListQuarantinedEventsRequest,
  type QuarantinedEvent,
  QuarantinedEventSchema,
  type RetryQuarantinedEventsRequest,
} from "../../gen/ts/callwire/v1/admin_pb.ts";
import type { Access } from "../auth/access.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError, invalidField } from "../errors/callwire-error.ts";
import { timestampFromMs } from "../log/block-builder.ts";
import type { GatewayLog, QuarantineEntry } from "../log/gateway-log.ts";
import { type ApiKeyDeps, apiKeyMethods } from "./api-key-methods.ts";
import { accessOf } from "./caller.ts";
import { decodePageToken, encodePageToken, pageSize } from "./page-token.ts";

export interface AdminDeps extends ApiKeyDeps {
  log: GatewayLog;
  limits: Limits;
}

const maxPageSize = 1_000;
const maxIds = 1_000;
/** Of an entry without its content, at most. */
const entryBytes = 16 * 1024;

function message(entry: QuarantineEntry, content?: Uint8Array): QuarantinedEvent {
  return create(QuarantinedEventSchema, {
    id: String(entry.id),
    tenant: entry.tenant,
    source: entry.source,
    reason: entry.reason,
    message: entry.message,
    firstReceivedTime: timestampFromMs(entry.firstReceivedMs),
    lastReceivedTime: timestampFromMs(entry.lastReceivedMs),
    count: BigInt(entry.count),
    sizeBytes: BigInt(entry.sizeBytes),
    ...(content === undefined ? {} : { content: new Uint8Array(content) }),
  });
}

/** -1 for a text that can be no id. */
function entryId(text: string): number {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : -1;
}

/** Its entries are what nobody could make an event of, so that nothing of them can be filtered or masked. */
const quarantine = "the quarantine";

async function list({ log }: AdminDeps, request: ListQuarantinedEventsRequest, access: Access) {
  access.requireUnrestricted(quarantine);
  const tenant = access.tenant(request.tenant, log.tenants);
  const limit = pageSize(request.pageSize, maxPageSize);
  const binding = `quarantine ${tenant}`;
  const { source, reason } = request;
  const afterId = request.pageToken === "" ? 0 : entryId(decodePageToken(request.pageToken, binding));
  const { entries, total } = await log.quarantine.list({ tenant, source, reason, afterId, limit });
  return {
    events: entries.map((entry) => message(entry)),
    nextPageToken: entries.length < limit ? "" : encodePageToken(binding, String(entries.at(-1)!.id)),
    totalCount: BigInt(total),
  };
}

async function get({ log, audit, limits }: AdminDeps, request: GetQuarantinedEventRequest, access: Access) {
  const { tenant, id } = request;
  access.requireUnrestricted(quarantine);
  // Its content is the source's own text, which only the FULL view has.
  access.view("full");
  const own = access.tenant(tenant, log.tenants);
  audit.administered(access.policy, "get_quarantined_event", { tenant: own, id: id.slice(0, 32) });
  const found = await log.quarantine.get(own, entryId(id));
  if (found === undefined) {
    throw new CallwireError("UNKNOWN_QUARANTINE_ID", `the quarantine has no entry ${JSON.stringify(id.slice(0, 32))}`);
  }
  const { entry, content } = found;
  const begin = Number(request.contentOffset);
  if (begin > content.length) throw invalidField("content_offset", `at most ${content.length}, the entry's size`);
  const end = begin + limits.maxResponseBytes - entryBytes;
  return {
    event: message(entry, content.subarray(begin, end)),
    nextContentOffset: BigInt(end < content.length ? end : 0),
  };
}

/** Which entries a request means. */
function idsOf({ ids, all }: { ids: string[]; all: boolean }): number[] | "all" {
  if (all) return "all";
  if (ids.length === 0 || ids.length > maxIds) throw invalidField("ids", `1 to ${maxIds} ids, or all`);
  return ids.map(entryId);
}

async function retry({ log, audit }: AdminDeps, request: RetryQuarantinedEventsRequest, access: Access) {
  access.requireUnrestricted(quarantine);
  const ids = idsOf(request);
  const tenant = access.tenant(request.tenant, log.tenants);
  audit.administered(access.policy, "retry_quarantined_events", { tenant, ids });
  const outcomes = await log.quarantine.retry(tenant, ids);
  const results = outcomes.map(({ id, accepted, cursors, reason, message: text }, index) => ({
    id: ids === "all" ? String(id) : request.ids[index]!,
    accepted,
    cursors,
    reason: reason ?? "",
    message: text ?? "",
  }));
  return { results };
}

async function discard({ log, audit }: AdminDeps, request: DiscardQuarantinedEventsRequest, access: Access) {
  access.requireUnrestricted(quarantine);
  const ids = idsOf(request);
  const tenant = access.tenant(request.tenant, log.tenants);
  audit.administered(access.policy, "discard_quarantined_events", { tenant, ids });
  return { discardedCount: BigInt(await log.quarantine.discard(tenant, ids)) };
}

export function adminService(deps: AdminDeps): ServiceImpl<typeof AdminService> {
  return {
    listQuarantinedEvents: (request, context) => list(deps, request, accessOf(context)),
    getQuarantinedEvent: (request, context) => get(deps, request, accessOf(context)),
    retryQuarantinedEvents: (request, context) => retry(deps, request, accessOf(context)),
    discardQuarantinedEvents: (request, context) => discard(deps, request, accessOf(context)),
    ...apiKeyMethods(deps),
  };
}
