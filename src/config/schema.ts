/** The shape of the configuration file. Keys are snake_case; an unknown key is an error. */
import { z } from "zod";
import {
  addresses,
  credential,
  id,
  masks,
  quotas,
  type secret,
  sourceAuth,
  tls,
  tokenIssuer,
} from "./access-schema.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { duration, size } from "./quantities.ts";
import { defaultSessionTimes, type SessionTimes } from "./session-times.ts";

const source = z.strictObject({
  id,
  auth: sourceAuth.optional(),
  allow_addresses: addresses.optional(),
  on_quarantine: z.enum(["refuse", "accept"]).default("refuse"),
});

/** How long a session may be silent. */
const silence = duration("1s", "3650d");

const sessions = z.strictObject({
  expire_after: silence.optional(),
  expire_held_after: silence.optional(),
  wrap_up: silence.optional(),
  start_grace: duration("0s", "24h").optional(),
});

const tenant = z.strictObject({
  id,
  sources: z.array(source).min(1),
  sessions: sessions.optional(),
  quotas: quotas.optional(),
});

/** What a signed 32-bit integer holds, as the wire and Node's HTTP/2 settings do. */
const count = z
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);

/** A whole body becomes one text, and Node's texts end at half a GiB. */
const bodySize = size("1B", "256MiB");
const memory = size("1B", "1024GiB");
/** What a timer can wait is less than 25 days. */
const wait = duration("0s", "24h");
const longest = "36500d";

const limits = z.strictObject({
  max_publish_items: count.optional(),
  max_publish_bytes: bodySize.optional(),
  max_body_bytes: bodySize.optional(),
  max_body_items: count.optional(),
  max_json_depth: count.max(1_000).optional(),
  max_event_bytes: size("1B", "1MiB", ", so that all accepted events can be delivered").optional(),
  max_filters: count.optional(),
  max_filter_values: count.optional(),
  max_streams_per_connection: count.optional(),
  max_connections: count.optional(),
  max_page_size: count.optional(),
  max_pending_bytes: memory.optional(),
  max_subscriber_queue_bytes: memory.optional(),
  max_fanout_queue_bytes: memory.optional(),
  max_replay_bytes: size("4MiB", "1024GiB").optional(),
  max_quarantine_entries: count.optional(),
  max_quarantine_bytes: memory.optional(),
  duplicate_window: duration("0s", longest).optional(),
  webhook_hold: wait.optional(),
  request_timeout: duration("1ms", "24h").optional(),
  shutdown_timeout: wait.optional(),
});

/** As browsers send it: `https://qm.example.com`, without a path. A slash at the end is taken off. */
const origin = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  const message = `${JSON.stringify(text)} is not an origin, for example https://qm.example.com`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export const fileSchema = z.strictObject({
  listen: z.string().default("127.0.0.1:7450"),
  data_dir: z.string().min(1).default("./data"),
  tenants: z
    .array(tenant)
    .min(1)
    .default([
      {
        id: "default",
        sources: [
          { id: "ccai", on_quarantine: "refuse" },
          { id: "ccai-external", on_quarantine: "refuse" },
        ],
      },
    ]),
  credentials: z.array(credential).default([]),
  tokens: z.array(tokenIssuer).default([]),
  masks: masks.default({}),
  tls: tls.optional(),
  /** Proxies whose `x-forwarded-for` tells the sender's address. */
  trusted_proxies: addresses.default([]),
  audit: z.strictObject({ file: z.string().min(1).optional(), receipts: z.boolean().default(false) }).prefault({}),
  limits: limits.default({}),
  cors: z.strictObject({ allowed_origins: z.array(origin).default([]) }).default({ allowed_origins: [] }),
  sessions: sessions.default({}),
  journal: z.strictObject({ retention: z.strictObject({ max_age: duration("1ms", longest) }).optional() }).default({}),
  log: z
    .strictObject({
      level: z.enum(logLevels).default("info"),
      format: z.enum(["auto", "json", "text"]).default("auto"),
    })
    .default({ level: "info", format: "auto" }),
});

export type FileConfig = z.output<typeof fileSchema>;
export type SecretReference = z.output<typeof secret>;

/** Durations in the file have no unit in their names, here they have. */
const durations: Record<string, keyof Limits> = {
  duplicate_window: "duplicateWindowMs",
  webhook_hold: "webhookHoldMs",
  request_timeout: "requestTimeoutMs",
  shutdown_timeout: "shutdownTimeoutMs",
};

/** The tenant's own values before those for all tenants before the defaults. */
export function sessionTimesOf(forAll: FileConfig["sessions"], own: FileConfig["sessions"] = {}): SessionTimes {
  const given = { ...forAll, ...own };
  return {
    expireAfterMs: given.expire_after ?? defaultSessionTimes.expireAfterMs,
    expireHeldAfterMs: given.expire_held_after ?? defaultSessionTimes.expireHeldAfterMs,
    wrapUpMs: given.wrap_up ?? defaultSessionTimes.wrapUpMs,
    startGraceMs: given.start_grace ?? defaultSessionTimes.startGraceMs,
  };
}

export function limitsOf(given: FileConfig["limits"]): Limits {
  const named = Object.entries(given).map(([key, value]) => [
    durations[key] ?? key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return { ...defaultLimits, ...Object.fromEntries(named) };
}
