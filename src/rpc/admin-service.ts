/** AdminService: the quarantine. */
import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type AdminService,
  type ListQuarantinedEventsRequest,
  type QuarantinedEvent,
  QuarantinedEventSchema,
  type RetryQuarantinedEventsRequest,
} from "../../gen/ts/callwire/v1/admin_pb.ts";
import { CallwireError, invalidField } from "../errors/callwire-error.ts";
import { resolveTenant } from "../fanout/position.ts";
import { timestampFromMs } from "../log/block-builder.ts";
import type { GatewayLog, QuarantineEntry } from "../log/gateway-log.ts";
import { decodePageToken, encodePageToken, pageSize } from "./page-token.ts";

const maxPageSize = 1_000;
const maxIds = 1_000;

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

async function list(log: GatewayLog, request: ListQuarantinedEventsRequest) {
  const tenant = resolveTenant(log, request.tenant);
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

async function get(log: GatewayLog, tenantName: string, id: string) {
  const found = await log.quarantine.get(resolveTenant(log, tenantName), entryId(id));
  if (found === undefined) {
    throw new CallwireError("UNKNOWN_QUARANTINE_ID", `the quarantine has no entry ${JSON.stringify(id.slice(0, 32))}`);
  }
  return { event: message(found.entry, found.content) };
}

/** Which entries a request means. */
function idsOf({ ids, all }: { ids: string[]; all: boolean }): number[] | "all" {
  if (all) return "all";
  if (ids.length === 0 || ids.length > maxIds) throw invalidField("ids", `1 to ${maxIds} ids, or all`);
  return ids.map(entryId);
}

async function retry(log: GatewayLog, request: RetryQuarantinedEventsRequest) {
  const ids = idsOf(request);
  const outcomes = await log.quarantine.retry(resolveTenant(log, request.tenant), ids);
  const results = outcomes.map(({ id, accepted, cursors, reason, message: text }, index) => ({
    id: ids === "all" ? String(id) : request.ids[index]!,
    accepted,
    cursors,
    reason: reason ?? "",
    message: text ?? "",
  }));
  return { results };
}

export function adminService(log: GatewayLog): ServiceImpl<typeof AdminService> {
  return {
    listQuarantinedEvents: (request) => list(log, request),
    getQuarantinedEvent: ({ tenant, id }) => get(log, tenant, id),
    retryQuarantinedEvents: (request) => retry(log, request),
    discardQuarantinedEvents: async (request) => {
      const ids = idsOf(request);
      const discarded = await log.quarantine.discard(resolveTenant(log, request.tenant), ids);
      return { discardedCount: BigInt(discarded) };
    },
  };
}
