/**
 * ListEvents: pages of history, up or down. The range is fixed by the first page; a page token carries it on, bound to
 * everything else that the request says.
 */
import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type ListEventsRequest,
  ListEventsResponseSchema,
  StartPosition,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { Access } from "../auth/access.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError, invalidField } from "../errors/callwire-error.ts";
import {
  applyRetention,
  cursorOffset,
  type LostRange,
  offsetOfStartTime,
  startOffset,
  timestampMs,
} from "../fanout/position.ts";
import { scopeName, viewName } from "../fanout/subscription.ts";
import type { CompiledFilters } from "../filters/compile.ts";
import { concat } from "../log/block.ts";
import { formatCursor } from "../log/cursor.ts";
import type { EventRun } from "../log/event-reader.ts";
import type { GatewayLog, LogState } from "../log/gateway-log.ts";
import { fittingRuns } from "./fitting-runs.ts";
import { decodePageToken, encodePageToken, pageOffset, pageSize } from "./page-token.ts";

/** A page that finds little is given up after this long: it then has a token and perhaps no event. */
const pageMs = 250;
/** Room for cursor, token and gap beside the events of a response. */
const restBytes = 4 * 1024;

type Direction = "up" | "down";

/** What a token carries on. Offsets are exclusive below and inclusive above. */
interface Page {
  direction: Direction;
  after: number;
  upTo: number;
  /** Descending: the upper bound of the first page, from which Subscribe continues. */
  newest: number;
}

interface Deps {
  log: GatewayLog;
  limits: Limits;
}

function directionOf(orderBy: string): Direction {
  switch (orderBy.trim().replace(/\s+/g, " ")) {
    case "":
    case "offset":
    case "offset asc":
      return "up";
    case "offset desc":
      return "down";
    default:
      throw invalidField("order_by", `${JSON.stringify(orderBy)} is neither "offset" nor "offset desc"`);
  }
}

/** Everything that a token must be used with. */
function bindingOf(request: ListEventsRequest, state: LogState, filters: CompiledFilters): string {
  const range = [request.position, request.end].map(({ case: name, value }) =>
    typeof value === "object" ? [name, String(value.seconds), value.nanos] : [name, value],
  );
  const rest = [directionOf(request.orderBy), request.view, request.scope, request.onExpired];
  const text = JSON.stringify([state.tenant, state.epoch, filters.canonical, range, rest]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}

function encodeToken({ after, upTo, newest }: Page, binding: string): string {
  return encodePageToken(binding, `${after} ${upTo} ${newest}`);
}

function decodeToken(token: string, binding: string, direction: Direction): Page {
  const numbers = decodePageToken(token, binding).split(" ").map(pageOffset);
  const [after, upTo, newest] = numbers as [number, number, number];
  if (numbers.length !== 3) {
    throw new CallwireError("INVALID_PAGE_TOKEN", "page_token: not a token of this gateway");
  }
  return { direction, after, upTo, newest };
}

async function lowerBound(deps: Deps, request: ListEventsRequest, state: LogState) {
  const { position, onExpired } = request;
  if (position.case !== "startTime") return startOffset(position, state, StartPosition.EARLIEST, onExpired);
  return offsetOfStartTime(deps.log.reader, state, timestampMs(position.value, "start_time"), onExpired);
}

async function upperBound(deps: Deps, request: ListEventsRequest, state: LogState): Promise<number> {
  switch (request.end.case) {
    case "endCursor":
      return cursorOffset(request.end.value, "end_cursor", state);
    case "endTime": {
      const before = await deps.log.reader.offsetBefore(state.tenant, timestampMs(request.end.value, "end_time"));
      return Math.min(before, state.headOffset);
    }
    default:
      return state.headOffset;
  }
}

async function firstPage(deps: Deps, request: ListEventsRequest, state: LogState, direction: Direction) {
  const { offset: after, lost } = await lowerBound(deps, request, state);
  const upTo = Math.max(await upperBound(deps, request, state), after);
  const page: Page = { direction, after, upTo, newest: upTo };
  return { page, lost };
}

/** Reads until the page is full, the range is exhausted, or it took long enough. */
async function readPage(
  deps: Deps,
  request: ListEventsRequest,
  state: LogState,
  filters: CompiledFilters,
  page: Page,
  access: Access,
) {
  const wanted = pageSize(request.pageSize, deps.limits.maxPageSize);
  const { reader } = deps.log;
  const shape = { filters, scope: scopeName(request.scope, filters), view: viewName(request.view) };
  const plan = reader.register({ tenant: state.tenant, ...shape, mask: access.visibility.mask });
  const mostBytes = deps.limits.maxResponseBytes - restBytes;
  const runs: EventRun[] = [];
  let found = 0;
  let bytes = 0;
  const rest = { ...page };
  const deadline = performance.now() + pageMs;
  try {
    for (;;) {
      const room = { maxEvents: wanted - found, maxBytes: mostBytes - bytes };
      const range = { afterOffset: rest.after, upToOffset: rest.upTo, direction: page.direction, ...room };
      const slice = await reader.read(plan, range);
      if (slice.expiredBefore !== undefined) {
        return {
          runs,
          rest,
          done: false,
          lost: applyRetention(rest.after, { ...state, oldestOffset: slice.expiredBefore }, request.onExpired).lost,
        };
      }
      const fitting = fittingRuns(slice.runs, mostBytes - bytes, found === 0);
      runs.push(...fitting.runs);
      found += fitting.events;
      bytes += fitting.bytes;
      const { firstLeft } = fitting;
      if (page.direction === "up") rest.after = firstLeft === undefined ? slice.scannedTo : firstLeft - 1;
      else rest.upTo = firstLeft ?? slice.scannedTo;
      if (firstLeft !== undefined) return { runs, rest, done: false };
      if (slice.done || rest.after >= rest.upTo) return { runs, rest, done: true };
      if (found >= wanted || bytes >= mostBytes || performance.now() > deadline) return { runs, rest, done: false };
    }
  } finally {
    reader.release(plan);
  }
}

function gapOf(lost: LostRange | undefined, state: LogState) {
  if (lost === undefined) return {};
  const { from, to } = lost;
  return { gap: { fromCursor: formatCursor(state.epoch, from), toCursor: formatCursor(state.epoch, to) } };
}

/** The encoded ListEventsResponse: stored frames are pieces of it as they are. */
export async function listEvents(deps: Deps, request: ListEventsRequest, access: Access): Promise<Uint8Array> {
  const state = deps.log.state(access.tenant(request.tenant, deps.log.tenants));
  const filters = access.filters(request.filters, deps.limits);
  access.view(viewName(request.view));
  const direction = directionOf(request.orderBy);
  pageSize(request.pageSize, deps.limits.maxPageSize);
  const binding = bindingOf(request, state, filters);
  const begun: { page: Page; lost?: LostRange | undefined } =
    request.pageToken === ""
      ? await firstPage(deps, request, state, direction)
      : { page: decodeToken(request.pageToken, binding, direction) };
  const read = await readPage(deps, request, state, filters, begun.page, access);
  const lost = begun.lost ?? read.lost;
  const rest = read.lost === undefined ? read.rest : { ...read.rest, after: read.lost.to };
  const tail = create(ListEventsResponseSchema, {
    nextPageToken: read.done ? "" : encodeToken(rest, binding),
    cursor: formatCursor(state.epoch, direction === "up" ? rest.after : rest.newest),
    matches: read.runs.flatMap(({ matches }) => (matches ?? []).map((names) => ({ filters: names }))),
    ...gapOf(lost, state),
  });
  return concat([...read.runs.map(({ frames }) => frames), toBinary(ListEventsResponseSchema, tail)]);
}
