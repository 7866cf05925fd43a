/** What a SubscribeRequest asks for, checked and with defaults filled in. */
import { createHash } from "node:crypto";
import type { Duration } from "@bufbuild/protobuf/wkt";
import {
  EventView,
  type ExpiredCursorPolicy,
  Scope,
  type SubscribeRequest,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { Access } from "../auth/access.ts";
import type { Limits } from "../config/limits.ts";
import { invalidField } from "../errors/callwire-error.ts";
import type { CompiledFilters } from "../filters/compile.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import type { MaskProfile } from "../masking/mask-profile.ts";
import { cursorOffset, type PositionField, timestampMs } from "./position.ts";

export interface Subscription {
  tenant: string;
  filters: CompiledFilters;
  filterDigest: string;
  /** EVENT also where there is nothing to follow: without filters everything is delivered. */
  scope: "event" | "call";
  view: "basic" | "full";
  /** How what the caller may not see is hidden. */
  mask: MaskProfile | undefined;
  includeSnapshot: boolean;
  maxBatchEvents: number;
  lingerMs: number;
  progressMs: number;
  onExpired: ExpiredCursorPolicy;
  position: PositionField;
  /** Where a bounded stream ends: after an offset, or before a time. */
  end: { offset: number } | { beforeMs: number } | undefined;
}

const defaultBatchEvents = 1_000;
const maxBatchEvents = 10_000;
const maxLingerMs = 10_000;
const defaultProgressMs = 5_000;
const minProgressMs = 1_000;
const maxProgressMs = 300_000;

/** Milliseconds of a Duration within bounds. @throws CallwireError INVALID_FIELD */
function durationMs(
  duration: Duration | undefined,
  field: string,
  byDefault: number,
  min: number,
  max: number,
): number {
  if (duration === undefined) return byDefault;
  const ms = Number(duration.seconds) * 1000 + duration.nanos / 1_000_000;
  if (ms < min || ms > max)
    throw invalidField(field, `${ms / 1000} s is not between ${min / 1000} s and ${max / 1000} s`);
  return ms;
}

function batchEvents(given: number): number {
  if (given < 0 || given > maxBatchEvents) {
    throw invalidField("max_batch_events", `${given} is not between 0 and ${maxBatchEvents}`);
  }
  return given === 0 ? defaultBatchEvents : given;
}

export function scopeName(scope: Scope, filters: CompiledFilters): "event" | "call" {
  return scope === Scope.CALL && filters.filters.length > 0 ? "call" : "event";
}

export function viewName(view: EventView): "basic" | "full" {
  return view === EventView.FULL ? "full" : "basic";
}

/** 16 hex digits that are equal for filters that select the same events under the same names. */
export function filterDigest(filters: CompiledFilters): string {
  return createHash("sha256").update(filters.canonical).digest("hex").slice(0, 16);
}

function endOf(request: SubscribeRequest, log: GatewayLog, tenant: string): Subscription["end"] {
  switch (request.end.case) {
    case "endCursor":
      return { offset: cursorOffset(request.end.value, "end_cursor", log.state(tenant)) };
    case "endTime":
      return { beforeMs: timestampMs(request.end.value, "end_time") };
    default:
      return undefined;
  }
}

/** What of a subscription the audit log tells: which fields its filters have, and none of their values. */
export function auditFacts({
  tenant,
  filters,
  filterDigest,
  scope,
  view,
}: Pick<Subscription, "tenant" | "filters" | "filterDigest" | "scope" | "view">) {
  const filterFields = [...new Set(filters.filters.flatMap(({ clauses }) => clauses.map(({ field }) => field)))];
  return { tenant, filterDigest, filterFields, scope, view };
}

/** @throws CallwireError naming the field at fault */
export function readSubscription(
  request: SubscribeRequest,
  log: GatewayLog,
  limits: Limits,
  access: Access,
): Subscription {
  const tenant = access.tenant(request.tenant, log.tenants);
  const filters = access.filters(request.filters, limits);
  if (request.position.case === "startTime") timestampMs(request.position.value, "start_time");
  return {
    tenant,
    filters,
    filterDigest: filterDigest(filters),
    scope: scopeName(request.scope, filters),
    view: access.view(viewName(request.view)),
    mask: access.visibility.mask,
    includeSnapshot: request.includeSnapshot,
    maxBatchEvents: batchEvents(request.maxBatchEvents),
    lingerMs: durationMs(request.maxLinger, "max_linger", 0, 0, maxLingerMs),
    progressMs: durationMs(
      request.progressInterval,
      "progress_interval",
      defaultProgressMs,
      minProgressMs,
      maxProgressMs,
    ),
    onExpired: request.onExpired,
    position: request.position,
    end: endOf(request, log, tenant),
  };
}
