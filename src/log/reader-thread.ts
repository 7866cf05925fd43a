/** A thread that reads the journal. It answers requests one at a time, each a few milliseconds of work at most. */
import { setTimeout } from "node:timers/promises";
import { type MessagePort, workerData } from "node:worker_threads";
import type {
  AgentQuery,
  EventRun,
  ReadPlan,
  ReadRange,
  SessionById,
  SessionQuery,
  Visibility,
} from "./event-reader.ts";
import { openForReading } from "./sqlite/database.ts";
import { HistoryImprover } from "./sqlite/history-improver.ts";
import type { PreparedPlan } from "./sqlite/prepared-plan.ts";
import { SqliteReader } from "./sqlite/sqlite-reader.ts";
import { improvementBuffers } from "./upkeep.ts";

export interface ReaderThreadData {
  port: MessagePort;
  path: string;
}

export type ReaderRequest =
  | { op: "register"; plan: number; definition: ReadPlan }
  | { op: "release"; plan: number }
  | { op: "read"; id: number; plan: number; range: ReadRange }
  | { op: "followed"; id: number; plan: number; upToOffset: number }
  | { op: "findSessions"; id: number; query: SessionById; visibility: Visibility }
  | { op: "listSessions" | "snapshot"; id: number; plan: number; query: SessionQuery }
  | { op: "agents"; id: number; tenant: string; query: AgentQuery; visibility: Visibility }
  | { op: "offsetBefore"; id: number; tenant: string; timeMs: number }
  | { op: "event"; id: number; tenant: string; offset: number; visibility: Visibility }
  | { op: "unresolvedEmails"; id: number; tenant: string; emails: string[] }
  | { op: "nextImprovement"; id: number; tenant: string; after: number }
  | { op: "close" };

export type ReaderReply = { id: number; value: unknown } | { id: number; failure: { reason: string; message: string } };

const { port, path } = workerData as ReaderThreadData;
const database = openForReading(path);
const reader = new SqliteReader(database);
const improver = new HistoryImprover(database);
const plans = new Map<number, PreparedPlan>();

type Question = Exclude<Extract<ReaderRequest, { id: number }>, { op: "nextImprovement" }>;

function answer(request: Question): unknown {
  switch (request.op) {
    case "read":
      return reader.read(plans.get(request.plan)!, request.range);
    case "followed":
      return reader.followed(plans.get(request.plan)!, request.upToOffset);
    case "findSessions":
      return reader.sessions.find(request.query, request.visibility);
    case "listSessions":
      return reader.listSessions(plans.get(request.plan)!, request.query);
    case "snapshot":
      return reader.snapshot(plans.get(request.plan)!, request.query);
    case "agents":
      return reader.sessions.agents(request.tenant, request.query, request.visibility);
    case "offsetBefore":
      return reader.offsetBefore(request.tenant, request.timeMs);
    case "event":
      return reader.event(request.tenant, request.offset, request.visibility);
    case "unresolvedEmails":
      return reader.unresolvedEmails(request.tenant, request.emails);
  }
}

function transferable(value: unknown): ArrayBuffer[] {
  if (typeof value !== "object" || value === null || !("runs" in value)) return [];
  const runs = value.runs as EventRun[];
  return runs.flatMap(({ frames, ends, offsets }) =>
    [frames, ends, offsets].map(({ buffer }) => buffer as ArrayBuffer),
  );
}

port.on("message", (request: ReaderRequest) => {
  switch (request.op) {
    case "register":
      plans.set(request.plan, reader.prepare(request.definition));
      return;
    case "release":
      plans.delete(request.plan);
      return;
    case "close":
      database.close();
      port.close();
      return;
    case "nextImprovement":
      void nextImprovement(request);
      return;
    default:
      try {
        const value = answer(request);
        port.postMessage({ id: request.id, value } satisfies ReaderReply, transferable(value));
      } catch (error) {
        fail(request.id, error);
      }
  }
});

function fail(id: number, error: unknown): void {
  const message = `the journal cannot be read: ${(error as Error).message}`;
  port.postMessage({ id, failure: { reason: "STORAGE_FAILED", message } } satisfies ReaderReply);
}

/** A fifth of the time is worked: at most a tenth of two cores is taken from those who write and read. */
const restPerWork = 4;

/** Reads go on meanwhile. */
async function nextImprovement({ id, tenant, after }: ReaderRequest & { op: "nextImprovement" }): Promise<void> {
  try {
    const value = await improver.next(tenant, after, (workedMs) => setTimeout(restPerWork * workedMs));
    port.postMessage({ id, value } satisfies ReaderReply, "indexedUpTo" in value ? [] : improvementBuffers(value));
  } catch (error) {
    fail(id, error);
  }
}
