/** The shape of the configuration file. Keys are snake_case; an unknown key is an error. */
import { z } from "zod";
import { defaultLimits, type Limits } from "./limits.ts";
import { duration, size } from "./quantities.ts";

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "an id has 1 to 63 of a-z, 0-9, _ and -, and begins with a letter or digit");

/** Never a literal, so that a configuration can be shown to anyone. */
const secret = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
  error: "a secret is {env: NAME} or {file: PATH}, never a literal",
});

const source = z.strictObject({
  id,
  auth: z.strictObject({ basic: z.strictObject({ username: z.string().min(1), password: secret }) }).optional(),
  on_quarantine: z.enum(["refuse", "accept"]).default("refuse"),
});

const tenant = z.strictObject({ id, sources: z.array(source).min(1) });

const count = z.number().int().positive();

const limits = z.strictObject({
  max_publish_items: count.optional(),
  max_publish_bytes: size.optional(),
  max_body_bytes: size.optional(),
  max_json_depth: count.max(1_000).optional(),
  max_event_bytes: size
    .refine((bytes) => bytes <= 1024 * 1024, "at most 1MiB, so that all accepted events can be delivered")
    .optional(),
  max_filters: count.optional(),
  max_filter_values: count.optional(),
  max_streams_per_connection: count.optional(),
  max_page_size: count.optional(),
  max_pending_bytes: size.optional(),
  max_subscriber_queue_bytes: size.optional(),
  max_fanout_queue_bytes: size.optional(),
  max_quarantine_entries: count.optional(),
  max_quarantine_bytes: size.optional(),
  duplicate_window: duration.optional(),
  webhook_hold: duration.optional(),
  request_timeout: duration.optional(),
  shutdown_timeout: duration.optional(),
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
  limits: limits.default({}),
  cors: z.strictObject({ allowed_origins: z.array(z.url()).default([]) }).default({ allowed_origins: [] }),
  journal: z.strictObject({ retention: z.strictObject({ max_age: duration }).optional() }).default({}),
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

export function limitsOf(given: FileConfig["limits"]): Limits {
  const named = Object.entries(given).map(([key, value]) => [
    durations[key] ?? key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return { ...defaultLimits, ...Object.fromEntries(named) };
}
