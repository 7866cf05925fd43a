/** The reader threads as main sees them. A plan lives on every thread; each request goes to the least busy one. */
import { once } from "node:events";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Reason } from "../errors/catalogue.ts";
import {
  type AgentPage,
  type AgentQuery,
  type EventReader,
  type FollowedSession,
  type FoundSession,
  planKey,
  type ReadPlan,
  type ReadRange,
  type ReadSlice,
  type SessionById,
  type SessionPage,
  type SessionQuery,
  type StoredEvent,
  type Visibility,
} from "./event-reader.ts";
import type { ReaderReply, ReaderRequest, ReaderThreadData } from "./reader-thread.ts";
import { SharedReads } from "./shared-reads.ts";
import { threadFile } from "./thread-file.ts";
import type { NextImprovement } from "./upkeep.ts";

interface Thread {
  worker: Worker;
  port: MessagePort;
  pending: Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>;
}

interface Registered {
  number: number;
  /** Undefined: it is not shared. */
  key: string | undefined;
  readers: number;
}

type Question<R> = R extends { id: number } ? Omit<R, "id"> : never;

export class ReaderPool implements EventReader {
  readonly #threads: Thread[];
  readonly #plans = new Map<number, Registered>();
  readonly #byKey = new Map<string, Registered>();
  readonly #shared = new SharedReads();
  blocksRead = 0;
  #nextPlan = 1;
  #nextId = 1;

  constructor(path: string, threads: number) {
    this.#threads = Array.from({ length: threads }, () => this.#start(path));
  }

  #start(path: string): Thread {
    const { port1, port2 } = new MessageChannel();
    const workerData: ReaderThreadData = { port: port2, path };
    const worker = new Worker(threadFile("reader-thread", import.meta.url), {
      workerData,
      transferList: [port2],
      name: "callwire-reader",
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    });
    const thread: Thread = { worker, port: port1, pending: new Map() };
    port1.on("message", (reply: ReaderReply) => settle(thread, reply));
    worker.on("error", (error) => fail(thread, error));
    return thread;
  }

  register(plan: ReadPlan): number {
    // Scope CALL remembers what it has found out about sessions: each such reader goes its own way.
    const key = plan.scope === "event" ? planKey(plan) : undefined;
    const known = key === undefined ? undefined : this.#byKey.get(key);
    if (known !== undefined) {
      known.readers++;
      return known.number;
    }
    const registered: Registered = { number: this.#nextPlan++, key, readers: 1 };
    this.#plans.set(registered.number, registered);
    if (key !== undefined) this.#byKey.set(key, registered);
    for (const thread of this.#threads) post(thread, { op: "register", plan: registered.number, definition: plan });
    return registered.number;
  }

  release(plan: number): void {
    const registered = this.#plans.get(plan)!;
    registered.readers--;
    if (registered.readers <= 1) this.#shared.forget(plan);
    if (registered.readers > 0) return;
    this.#plans.delete(plan);
    if (registered.key !== undefined) this.#byKey.delete(registered.key);
    for (const thread of this.#threads) post(thread, { op: "release", plan });
  }

  read(plan: number, range: ReadRange): Promise<ReadSlice> {
    const others = this.#plans.get(plan)!.readers > 1;
    return this.#shared.read(plan, range, others, async () => {
      const slice = (await this.#ask({ op: "read", plan, range })) as ReadSlice;
      this.blocksRead += slice.blocksRead;
      return slice;
    });
  }

  done(slice: ReadSlice): void {
    this.#shared.done(slice);
  }

  followed(plan: number, upToOffset: number): Promise<FollowedSession[]> {
    return this.#ask({ op: "followed", plan, upToOffset }) as Promise<FollowedSession[]>;
  }

  findSessions(query: SessionById, visibility: Visibility): Promise<FoundSession[]> {
    return this.#ask({ op: "findSessions", query, visibility }) as Promise<FoundSession[]>;
  }

  listSessions(plan: number, query: SessionQuery): Promise<SessionPage> {
    return this.#ask({ op: "listSessions", plan, query }) as Promise<SessionPage>;
  }

  snapshot(plan: number, query: SessionQuery): Promise<SessionPage> {
    return this.#ask({ op: "snapshot", plan, query }) as Promise<SessionPage>;
  }

  agents(tenant: string, query: AgentQuery, visibility: Visibility): Promise<AgentPage> {
    return this.#ask({ op: "agents", tenant, query, visibility }) as Promise<AgentPage>;
  }

  offsetBefore(tenant: string, timeMs: number): Promise<number> {
    return this.#ask({ op: "offsetBefore", tenant, timeMs }) as Promise<number>;
  }

  event(tenant: string, offset: number, visibility: Visibility): Promise<StoredEvent | undefined> {
    return this.#ask({ op: "event", tenant, offset, visibility }) as Promise<StoredEvent | undefined>;
  }

  unresolvedEmails(tenant: string, emails: string[]): Promise<string[]> {
    return this.#ask({ op: "unresolvedEmails", tenant, emails }) as Promise<string[]>;
  }

  /** Makes what a tenant's stored history is improved by next. */
  nextImprovement(tenant: string, after: number): Promise<NextImprovement> {
    return this.#ask({ op: "nextImprovement", tenant, after }) as Promise<NextImprovement>;
  }

  #ask(question: Question<ReaderRequest>): Promise<unknown> {
    const thread = this.#threads.reduce((best, next) => (next.pending.size < best.pending.size ? next : best));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      thread.pending.set(id, { resolve, reject });
      post(thread, { ...question, id } as ReaderRequest);
    });
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#threads.map(async (thread) => {
        const exited = once(thread.worker, "exit");
        post(thread, { op: "close" });
        await exited;
        fail(thread, new CallwireError("GOING_AWAY", "the gateway is shutting down"));
      }),
    );
  }
}

function post(thread: Thread, request: ReaderRequest): void {
  thread.port.postMessage(request);
}

function settle(thread: Thread, reply: ReaderReply): void {
  const waiting = thread.pending.get(reply.id);
  thread.pending.delete(reply.id);
  if ("failure" in reply) {
    waiting?.reject(new CallwireError(reply.failure.reason as Reason, reply.failure.message));
  } else {
    waiting?.resolve(reply.value);
  }
}

function fail(thread: Thread, error: Error): void {
  for (const { reject } of thread.pending.values()) reject(error);
  thread.pending.clear();
}
