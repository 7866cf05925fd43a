/** The form of a case, and the reading of the files that hold them. `docs/conformance.md` explains each part. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { parseFault } from "../../src/testkit/fault.ts";

const json = z.json();
const object = z.record(z.string(), json);
const bounds = z.strictObject({ at_least: z.number().optional(), at_most: z.number().optional() });
const amount = z.union([z.number(), bounds]);
const ranges = z.string().regex(/^(\s*\d+(-\d+)?\s*(,|$))*$/, "ranges such as 1-3,7");

const fault = z.string().transform((text, context) => {
  try {
    return parseFault(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});

/** Source objects to publish. `{{n}}` in a body is the number of the event within its group. */
const group = z.strictObject({
  repeat: z.int().min(1).default(1),
  /** Bytes of padding that each body gets in a field of its own. */
  padding: z.int().min(0).default(0),
  body: object,
});

const status = z.strictObject({
  code: z.string(),
  message: z.string().default("said by the script"),
  /** Without a reason there is no ErrorInfo. */
  reason: z.string().optional(),
  domain: z.string().default("callwire"),
  metadata: z.record(z.string(), z.string()).default({}),
  retry_delay_ms: z.number().optional(),
});

const act = z.union([
  /** A message as ProtoJSON; `unknown` is hex of encoded fields that are appended to it. */
  z.strictObject({ send: object, unknown: z.string().optional() }),
  /** One SubscribeResponse with events of these offsets and the cursor of the last. */
  z.strictObject({ events: ranges, padding: z.int().optional() }),
  /** The bytes of a message, whatever they mean. */
  z.strictObject({ bytes: z.string() }),
  /** Half of a message with events of these offsets. */
  z.strictObject({ half: ranges }),
  z.strictObject({ status }),
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ headers: z.literal(true) }),
  z.strictObject({ reset: z.string() }),
  z.strictObject({ goaway: z.string() }),
  /** Ends the connection. */
  z.strictObject({ disconnect: z.literal(true) }),
  /** Says nothing more until the caller leaves. */
  z.strictObject({ hold: z.literal(true) }),
  /** Waits for a step's `server` signal of this name. */
  z.strictObject({ wait: z.string() }),
  /** An answer that is no gRPC. */
  z.strictObject({ http: z.strictObject({ status: z.int(), body: z.string().default("") }) }),
]);

/** What the n-th request of a method is answered with; the last entry answers all further ones. */
const script = z.record(z.string(), z.array(z.array(act)).min(1));

const condition = z.strictObject({
  /** Events that the driver reported, at least. */
  events: z.int().optional(),
  handling: z.int().optional(),
  deliveries: z.int().optional(),
  /** Status lines of each kind, at least. */
  status: z.record(z.string(), z.int()).optional(),
  /** Request messages that reached the server, at least. */
  requests: z.int().optional(),
  /** Faults of the plan that happened, at least. */
  faults: z.int().optional(),
  /** Connections open now, at most. */
  open: z.int().optional(),
  /** A gauge of the gateway's metrics has this value. */
  metric: z.strictObject({ name: z.string(), is: z.number() }).optional(),
  /** The checkpoint file holds this. */
  file: z.strictObject({ name: z.string(), json: object }).optional(),
  /** For what shows only by time going by: so long since the run began. */
  elapsed_ms: z.int().optional(),
  done: z.literal(true).optional(),
});

const action = z.union([
  z.strictObject({ publish: z.array(group) }),
  z.strictObject({ driver: z.enum(["release", "cancel", "close", "kill"]) }),
  z.strictObject({ proxy: z.enum(["cut", "reset", "stall", "half-open", "resume", "refuse", "accept"]) }),
  /** `replace` starts with an empty folder, `copy` keeps a copy of the folder, `restore` starts from that copy. */
  z.strictObject({ gateway: z.enum(["kill", "stop", "start", "replace", "copy", "restore"]) }),
  z.strictObject({ server: z.string() }),
]);

const step = z.strictObject({ await: condition, do: z.array(action) });

const requestExpectation = z.strictObject({
  count: amount.optional(),
  /** As much of each request as matters, the first ones in their order. */
  first: z.array(json).optional(),
  last: json.optional(),
});

const expectation = z.strictObject({
  /** The exact events in their order, by their number among those published (scripted: their offsets). */
  events: ranges.optional(),
  /** Instead of `events`: how many at least and at most, in order and without repeats as always. */
  event_count: amount.optional(),
  /** Names of the filters, by the number of the event. */
  matches: z.record(z.string(), z.array(z.string())).optional(),
  /** Messages by the number of the event, with report "full". */
  messages: z.record(z.string(), json).optional(),
  /** Every delivery but events, in order. `going_away` only when `deliveries` names one. */
  deliveries: z.array(json).optional(),
  /** Kinds of deliveries and ranges of events, as they came: [snapshot, "1-3", gap]. */
  sequence: z.array(z.string()).optional(),
  /** How many status lines of each kind. */
  statuses: z.record(z.string(), amount).optional(),
  /** As much of each of the first `reconnecting` lines as matters. */
  reconnects: z.array(json).optional(),
  done: object,
  requests: requestExpectation.optional(),
  /** `authorization` of each request in order; null for none. */
  credentials: z.array(z.string().nullable()).optional(),
  elapsed_ms: bounds.optional(),
  /** Bytes that passed towards the SDK. */
  bytes: bounds.optional(),
  /** Faults of the plan that did not happen. */
  faults_left: z.int().optional(),
  /** Connections that are open at the end; waited for. */
  open_connections: z.int().optional(),
  /** JSON files of the case's folder. */
  files: z.record(z.string(), json).optional(),
});

const run = z.strictObject({
  run: object,
  steps: z.array(step).default([]),
  expect: expectation,
});

const caseShape = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  proves: z.string(),
  server: z.enum(["gateway", "scripted"]),
  /**
   * `shared`: a tenant of its own in a gateway that all cases use. `own`: a process of its own. `expired`: the tenant of the
   * run whose first 20 events were trimmed and whose next 10 are kept.
   */
  gateway: z.enum(["shared", "own", "expired"]).default("shared"),
  /** `grpc`: what it proves shows in gRPC's frames only. The scripted server speaks nothing else. */
  protocol: z.enum(["any", "grpc"]).default("any"),
  /** Whether the driver has a process of its own. */
  driver: z.enum(["shared", "own"]).default("shared"),
  /** Whether nothing else runs meanwhile. */
  alone: z.boolean().default(false),
  timeout_ms: z.int().default(30_000),
  setup: z
    .strictObject({
      publish: z.array(group).default([]),
      /** Text files in the case's folder, by name. */
      files: z.record(z.string(), z.string()).default({}),
    })
    .default({ publish: [], files: {} }),
  faults: z.array(fault).default([]),
  random_cuts: z.strictObject({ seed: z.int(), count: z.int(), minBytes: z.int(), maxBytes: z.int() }).optional(),
  script: script.optional(),
  runs: z.array(run).min(1),
});

export type Act = z.output<typeof act>;
export type Action = z.output<typeof action>;
export type Condition = z.output<typeof condition>;
export type Expectation = z.output<typeof expectation>;
export type Group = z.output<typeof group>;
export type Run = z.output<typeof run>;
export type Script = z.output<typeof script>;
export type StatusAct = z.output<typeof status>;
/** `id` has the topic before it: `resume/cut-before-headers`. */
export type Case = z.output<typeof caseShape> & { topic: string };

/** A case with `each: [...]` is one for each of these texts, which takes the place of `{{each}}` and ends the id. */
function multiply(item: unknown): unknown[] {
  if (typeof item !== "object" || item === null || !("each" in item)) return [item];
  const { each, ...rest } = item as { each: string[]; id: string };
  return each.map((text) => {
    const filled = JSON.parse(JSON.stringify(rest).replaceAll("{{each}}", JSON.stringify(text).slice(1, -1))) as {
      id: string;
    };
    return {
      ...filled,
      id: `${filled.id}-${text
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, " ")
        .trim()
        .replaceAll(" ", "-")}`,
    };
  });
}

/** A case with one run may write the run's parts beside the others. */
function spread(item: unknown): unknown {
  if (typeof item !== "object" || item === null || !("run" in item)) return item;
  const { run, steps, expect, ...rest } = item as Record<string, unknown>;
  return { ...rest, runs: [{ run, expect, ...(steps === undefined ? {} : { steps }) }] };
}

/** Reads every `*.yaml` of a folder. @throws Error that names the file and the case */
export function loadCases(folder: string): Case[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort();
  const cases = files.flatMap((file) => {
    const topic = basename(file, ".yaml");
    const items = parse(readFileSync(join(folder, file), "utf8"), { merge: true }) as unknown[];
    return items.flatMap(multiply).map((item, index): Case => {
      const parsed = caseShape.safeParse(spread(item));
      const name = (item as { id?: string }).id ?? `case ${index + 1}`;
      if (!parsed.success) throw new Error(`${file}, ${name}: ${z.prettifyError(parsed.error)}`);
      return { ...parsed.data, id: `${topic}/${parsed.data.id}`, topic };
    });
  });
  const seen = new Set<string>();
  for (const { id } of cases) {
    if (seen.has(id)) throw new Error(`the case ${id} occurs twice`);
    seen.add(id);
  }
  return cases;
}
