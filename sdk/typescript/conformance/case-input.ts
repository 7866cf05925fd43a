/** What a case asks for, and the SDK's options that say the same. */
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  Client,
  type ClientOptions,
  type End,
  type NodeProtocol,
  type Start,
  type SubscribeOptions,
  type SubscribeRequest,
  SubscribeRequestSchema,
} from "../src/index.ts";

export type Command = "release" | "cancel" | "close";

export interface CaseInput {
  url: string;
  api_keys?: string[];
  method: "subscribe" | "list_events" | "get_log_info" | "get_call" | "publish_events";
  request: JsonValue;
  retry?: { initial_ms?: number; max_ms?: number; max_attempts?: number };
  timeout_ms?: number;
  buffer_events?: number;
  checkpoint?: { kind: "memory" | "file"; path?: string; every_events?: number; every_ms?: number };
  handler?: { delay_ms?: number; hold_at?: number; fail_at?: number };
  close_after?: number;
  consume?: "run" | "stream";
  report?: "offsets" | "full" | "digest";
}

export function clientFor({ url, api_keys: keys, retry, timeout_ms: timeoutMs }: CaseInput, protocol: NodeProtocol) {
  let asked = 0;
  const credential = keys === undefined ? undefined : () => keys[Math.min(asked++, keys.length - 1)]!;
  const options: ClientOptions = {
    url,
    protocol,
    credential,
    timeoutMs,
    retry: { initialMs: retry?.initial_ms, maxMs: retry?.max_ms, maxAttempts: retry?.max_attempts },
  };
  return new Client(options);
}

export function subscribeOptions({ request: json, buffer_events: buffer, checkpoint }: CaseInput): SubscribeOptions {
  const request = fromJson(SubscribeRequestSchema, json);
  return {
    tenant: request.tenant,
    filters: request.filters,
    start: startOf(request),
    end: endOf(request),
    scope: request.scope,
    view: request.view,
    includeSnapshot: request.includeSnapshot,
    onExpired: request.onExpired,
    maxBatchEvents: request.maxBatchEvents,
    maxLingerMs: request.maxLinger && durationMs(request.maxLinger),
    progressIntervalMs: request.progressInterval && durationMs(request.progressInterval),
    buffer,
    save: { everyEvents: checkpoint?.every_events, everyMs: checkpoint?.every_ms },
  };
}

function startOf({ position }: SubscribeRequest): Start | undefined {
  if (position.case === "afterCursor") return { afterCursor: position.value };
  return position.case === "startTime" ? { time: position.value } : position.value;
}

function endOf({ end }: SubscribeRequest): End | undefined {
  if (end.case === "endCursor") return { cursor: end.value };
  return end.case === "endTime" ? { time: end.value } : undefined;
}
