/**
 * The main thread's end of the durable log: hands input to the sequencer thread, bounded in bytes, and what comes back to
 * senders and fan-out.
 */

import { once } from "node:events";
import { join } from "node:path";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Logger } from "pino";
import { PublishEventsRequestSchema } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import type { Limits } from "../config/limits.ts";
import { defaultSessionTimes, type SessionTimes } from "../config/session-times.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { EncodedBlock } from "./block.ts";
import { formatCursor } from "./cursor.ts";
import type { Failure } from "./failure.ts";
import { type FolderLock, lockFolder } from "./folder-lock.ts";
import type { GatewayLog, ItemOutcome, LogHealth, LogState, PublishItems, Quarantine } from "./gateway-log.ts";
import { ReaderPool } from "./reader-pool.ts";
import { remoteQuarantine } from "./remote-quarantine.ts";
import type { SequencedItem } from "./sequencer.ts";
import type { Done, Reply, SequencerMessage, SequencerRequest, SequencerThreadData } from "./sequencer-thread.ts";
import { DataFolderError } from "./sqlite/database.ts";
import { journalFile } from "./sqlite/journal-store.ts";
import { threadFile } from "./thread-file.ts";
import { improvementBuffers, Upkeep } from "./upkeep.ts";

export interface OpenLogOptions {
  dataDir: string;
  tenants: readonly { id: string; sources: readonly string[]; sessionTimes?: SessionTimes }[];
  limits: Limits;
  /** How long events are kept; undefined means for ever. */
  retentionMs?: number | undefined;
  logger: Logger;
  readerThreads?: number;
}

type Settled = Exclude<Reply, { failure: Failure }>;

interface Waiting {
  /** Empty for what concerns all. */
  tenant: string;
  bytes: number;
  resolve(reply: Settled): void;
  reject(error: Error): void;
}

/** Opens a data folder, making it when it is missing. @throws DataFolderError with a message for the operator */
export async function openGatewayLog(options: OpenLogOptions): Promise<GatewayLog> {
  const lock = lockFolder(options.dataDir);
  try {
    const { port1, port2 } = new MessageChannel();
    const { port1: committed, port2: toMain } = new MessageChannel();
    const worker = startSequencer(options, port2, toMain);
    const [first] = (await Promise.race([
      once(port1, "message"),
      once(worker, "error").then(([error]) => Promise.reject(error)),
    ])) as [SequencerMessage];
    if (first.type === "refused") throw new DataFolderError(first.message);
    if (first.type !== "ready") throw new Error(`unexpected ${first.type}`);
    return new ThreadedLog(options, lock, worker, { port: port1, committed }, first.states);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function startSequencer(options: OpenLogOptions, port: MessagePort, committed: MessagePort): Worker {
  const { dataDir, limits, retentionMs } = options;
  const tenants = options.tenants.map(({ id, sessionTimes = defaultSessionTimes }) => ({ id, sessionTimes }));
  const workerData: SequencerThreadData = { port, committed, dataDir, tenants, limits, retentionMs };
  return new Worker(threadFile("sequencer-thread", import.meta.url), {
    workerData,
    transferList: [port, committed],
    name: "callwire-sequencer",
    // A group's own garbage is to die young: it takes some 10 KB an event until its commit.
    resourceLimits: { maxYoungGenerationSizeMb: 48 },
  });
}

class ThreadedLog implements GatewayLog {
  readonly tenants: readonly string[];
  readonly quarantine: Quarantine;
  readonly reader: ReaderPool;
  readonly #limits: Limits;
  readonly #logger: Logger;
  readonly #lock: FolderLock;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #states: Map<string, LogState>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #commitListeners: ((block: EncodedBlock) => void)[] = [];
  readonly #stateListeners: ((state: LogState) => void)[] = [];
  readonly #healthListeners: ((health: LogHealth) => void)[] = [];
  readonly #relieved = new Set<() => void>();
  readonly #counters: Record<string, number> = {};
  readonly #upkeep: Upkeep;
  /** What the sequencer told, in its order, from the first on that depends on a group that is not known to be durable. */
  #held: Done[] = [];
  /** Groups that are durable, as far as nothing of them has been told. */
  readonly #durable = new Set<number>();
  #health: LogHealth = { ok: true };
  #pendingBytes = 0;
  readonly #pendingOf = new Map<string, number>();
  #nextId = 1;
  #closing = false;

  constructor(
    options: OpenLogOptions,
    lock: FolderLock,
    worker: Worker,
    { port, committed }: { port: MessagePort; committed: MessagePort },
    states: LogState[],
  ) {
    this.tenants = options.tenants.map(({ id }) => id);
    this.#limits = options.limits;
    this.#logger = options.logger;
    this.#lock = lock;
    this.#worker = worker;
    this.#port = port;
    this.#states = new Map(states.map((state) => [state.tenant, state]));
    this.reader = new ReaderPool(join(options.dataDir, journalFile), options.readerThreads ?? 1);
    this.quarantine = remoteQuarantine(async (request) => {
      const reply = await this.#ask((id) => ({ op: "quarantine", id, ...request }), 0);
      if (!("quarantine" in reply)) throw new Error("expected an answer of the quarantine");
      return { answer: reply.quarantine, epoch: this.state(request.tenant).epoch };
    });
    this.#upkeep = new Upkeep({
      next: (tenant, after) => this.reader.nextImprovement(tenant, after),
      store: async (improvement) => void (await this.#ask((id) => ({ op: "improve", id, improvement }), 0)),
    });
    for (const state of states) this.#upkeep.consider(state);
    port.on("message", (message: SequencerMessage) => this.#receive(message));
    committed.on("message", (groups: number[]) => this.#committed(groups));
    worker.on("error", (error) => this.#died(error));
  }

  state(tenant: string): LogState {
    const state = this.#states.get(tenant);
    if (state === undefined) throw new CallwireError("UNKNOWN_TENANT", `there is no tenant ${JSON.stringify(tenant)}`);
    return state;
  }

  submitBody(tenant: string, source: string, body: Uint8Array, name?: string): Promise<ItemOutcome[]> {
    // A copy of its own can be handed to the other thread; the caller's buffer may be part of a pool.
    return this.#submit(tenant, source, "body", new Uint8Array(body), name);
  }

  submitItems(tenant: string, source: string, items: PublishItems): Promise<ItemOutcome[]> {
    if (items instanceof Uint8Array) return this.#submit(tenant, source, "items", new Uint8Array(items));
    const request = create(PublishEventsRequestSchema);
    request.items = items;
    return this.#submit(tenant, source, "items", toBinary(PublishEventsRequestSchema, request));
  }

  async #submit(
    tenant: string,
    source: string,
    form: "body" | "items",
    bytes: Uint8Array,
    name?: string,
  ): Promise<ItemOutcome[]> {
    this.#requireRoom(tenant, bytes.length);
    const { epoch } = this.state(tenant);
    const request = { op: "ingest", tenant, source, form, bytes, ...(name === undefined ? {} : { name }) } as const;
    const reply = await this.#ask((id) => ({ id, ...request }), bytes.length);
    if (!("outcomes" in reply)) throw new Error("expected outcomes");
    return reply.outcomes.map((item) => outcome(item, epoch));
  }

  /** A flood of one tenant leaves the others a part of the room. @throws CallwireError OVERLOADED */
  #requireRoom(tenant: string, bytes: number): void {
    const { maxPendingBytes } = this.#limits;
    const own = this.#pendingOf.get(tenant) ?? 0;
    const isFull = this.#pendingBytes > 0 && this.#pendingBytes + bytes > maxPendingBytes;
    if (!isFull || (this.tenants.length > 1 && own + bytes <= maxPendingBytes / (2 * this.tenants.length))) return;
    const message = `${this.#pendingBytes} bytes wait to be written, limits.max_pending_bytes is ${maxPendingBytes}`;
    throw new CallwireError("OVERLOADED", message);
  }

  #hold(tenant: string, bytes: number): void {
    this.#pendingBytes += bytes;
    this.#pendingOf.set(tenant, (this.#pendingOf.get(tenant) ?? 0) + bytes);
  }

  async sync(): Promise<void> {
    await this.#ask((id) => ({ op: "sync", id }), 0);
  }

  #ask(request: (id: number) => SequencerRequest, bytes: number): Promise<Settled> {
    if (this.#closing) return Promise.reject(new CallwireError("GOING_AWAY", "the gateway is shutting down"));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const message = request(id);
      const tenant = "tenant" in message ? message.tenant : "";
      this.#waiting.set(id, { tenant, bytes, resolve, reject });
      this.#hold(tenant, bytes);
      this.#port.postMessage(message, transferable(message));
    });
  }

  async whenUnderPressureEnds(timeoutMs: number): Promise<boolean> {
    if (this.#isRelieved()) return true;
    return new Promise((resolve) => {
      const settle = (ended: boolean): void => {
        clearTimeout(timer);
        this.#relieved.delete(relieved);
        resolve(ended);
      };
      const relieved = (): void => settle(true);
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#relieved.add(relieved);
    });
  }

  /** Hysteresis: held senders come back once half of the room is free. */
  #isRelieved(): boolean {
    return this.#pendingBytes <= this.#limits.maxPendingBytes / 2;
  }

  #receive(message: SequencerMessage): void {
    if (message.type === "done") {
      this.#held.push(message);
      return this.#release();
    }
    if (message.type === "lost") return this.#lose(message.from, message.failure);
    if (message.type !== "health") return;
    const { failure, warning } = message;
    if (warning !== undefined) this.#logger.warn(warning);
    this.#setHealth(failure === undefined ? { ok: true } : { ok: false, ...failure });
  }

  #committed(groups: readonly number[]): void {
    for (const group of groups) this.#durable.add(group);
    this.#release();
  }

  #release(): void {
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      if (first.group !== undefined && !this.#durable.delete(first.group)) return;
      this.#held.shift();
      this.#done(first);
    }
  }

  /** Nothing of the groups from this number on is seen by anybody. */
  #lose(from: number, failure: Failure): void {
    const lost = this.#held.filter(({ group }) => group !== undefined && group >= from);
    this.#held = this.#held.filter((done) => !lost.includes(done));
    for (const { replies } of lost) for (const { id } of replies) this.#settle({ id, failure });
    this.#release();
  }

  /** Publishes before it answers, so that a sender who reads what was written finds it. */
  #done({ blocks, replies, states, notes }: Done): void {
    for (const state of states) {
      this.#states.set(state.tenant, state);
      this.#upkeep.consider(state);
    }
    for (const [name, times] of notes) this.#counters[name] = (this.#counters[name] ?? 0) + times;
    for (const block of blocks) for (const listener of this.#commitListeners) listener(block);
    for (const state of states) for (const listener of this.#stateListeners) listener(state);
    for (const reply of replies) this.#settle(reply);
    if (this.#relieved.size > 0 && this.#isRelieved()) for (const relieved of [...this.#relieved]) relieved();
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id)!;
    this.#waiting.delete(reply.id);
    this.#hold(waiting.tenant, -waiting.bytes);
    if ("failure" in reply) waiting.reject(new CallwireError(reply.failure.reason, reply.failure.message));
    else waiting.resolve(reply);
  }

  #setHealth(health: LogHealth): void {
    if (health.ok === this.#health.ok) return;
    this.#health = health;
    if (health.ok) this.#logger.info("storage works again; taking input");
    else this.#logger.error({ reason: health.reason }, `storage fails; taking no input: ${health.message}`);
    for (const listener of this.#healthListeners) listener(health);
  }

  #died(error: Error): void {
    this.#logger.fatal({ err: error }, "the sequencer thread died");
    this.#closing = true;
    const failure = new CallwireError("STORAGE_FAILED", "the writer of the journal died; restart the gateway", {
      cause: error,
    });
    for (const { reject } of this.#waiting.values()) reject(failure);
    this.#waiting.clear();
    this.#setHealth({ ok: false, reason: failure.reason, message: failure.message });
  }

  health(): LogHealth {
    return this.#health;
  }

  onCommit(listener: (block: EncodedBlock) => void): void {
    this.#commitListeners.push(listener);
  }

  onState(listener: (state: LogState) => void): void {
    this.#stateListeners.push(listener);
  }

  onHealth(listener: (health: LogHealth) => void): void {
    this.#healthListeners.push(listener);
  }

  indexedUpTo(tenant: string): number {
    return this.#upkeep.indexedUpTo(tenant);
  }

  counters(): Readonly<Record<string, number>> {
    return this.#counters;
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      const exited = once(this.#worker, "exit");
      this.#port.postMessage({ op: "close" } satisfies SequencerRequest);
      await exited;
    }
    await this.reader.close();
    this.#lock.release();
  }
}

function transferable(message: SequencerRequest): ArrayBuffer[] {
  if ("bytes" in message) return [message.bytes.buffer as ArrayBuffer];
  return message.op === "improve" ? improvementBuffers(message.improvement) : [];
}

function outcome(item: SequencedItem, epoch: string): ItemOutcome {
  if (typeof item !== "number") return { status: "rejected", ...item };
  return { status: item > 0 ? "accepted" : "duplicate", cursor: formatCursor(epoch, Math.abs(item)) };
}
