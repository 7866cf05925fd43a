/**
 * The thread that owns the data folder. It takes requests from its port, runs all that wait as one group, and answers with
 * one message a group: the blocks for the fan-out and the outcomes for the senders, as transferred buffers.
 *
 * Started by `openGatewayLog` with `SequencerThreadData`; posts `SequencerMessage`s.
 */
import { statfsSync } from "node:fs";
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { SessionTimes } from "../config/session-times.ts";
import type { CallwireError } from "../errors/callwire-error.ts";
import type { EncodedBlock } from "./block.ts";
import type { LogState } from "./gateway-log.ts";
import type { IngestRequest } from "./ingest-request.ts";
import { answerQuarantine, type QuarantineAnswer, type QuarantineRequest } from "./quarantine-requests.ts";
import { trimToAge } from "./retention.ts";
import { type SequencedItem, Sequencer, type SequencerLimits, type Settled } from "./sequencer.ts";
import { DataFolderError } from "./sqlite/database.ts";
import { EmbeddedStore } from "./sqlite/embedded-store.ts";
import type { QuarantineLimits } from "./sqlite/sqlite-quarantine.ts";
import { storageError } from "./sqlite/storage-error.ts";
import { TenantTurns } from "./tenant-turns.ts";
import type { Improvement } from "./upkeep.ts";
import { Watchdog } from "./watchdog.ts";

export interface SequencerThreadData {
  port: MessagePort;
  dataDir: string;
  tenants: readonly { id: string; sessionTimes: SessionTimes }[];
  limits: SequencerLimits & QuarantineLimits;
  retentionMs: number | undefined;
}

/** `sync` asks for an answer after everything that was submitted before it. */
export type SequencerRequest =
  | ({ op: "ingest"; id: number } & IngestRequest)
  | ({ op: "quarantine"; id: number } & QuarantineRequest)
  | { op: "improve"; id: number; improvement: Improvement }
  | { op: "sync"; id: number }
  | { op: "close" };

export interface Failure {
  reason: CallwireError["reason"];
  message: string;
}

export type Reply =
  | { id: number; outcomes: SequencedItem[] }
  | { id: number; quarantine: QuarantineAnswer }
  | { id: number; failure: Failure };

export type SequencerMessage =
  | { type: "ready"; states: LogState[] }
  | { type: "refused"; message: string }
  | { type: "done"; blocks: EncodedBlock[]; replies: Reply[]; states: LogState[]; notes: [string, number][] }
  | { type: "health"; failure: Failure | undefined; warning?: string }
  | { type: "closed" };

const probeEveryMs = 1_000;
const watchEveryMs = 500;
/** Senders wait for the watchdog or the retention of a tenant no longer than this at a time. */
const watchForMs = 100;
const retentionEveryMs = 5_000;
/** While there is more to drop than senders are to wait for. */
const retentionAgainMs = 200;
/** After a full disk, input is taken again once this much is free. */
const enoughFreeBytes = 1024 * 1024;

const { port, dataDir, tenants, limits, retentionMs } = workerData as SequencerThreadData;
const tenantIds = tenants.map(({ id }) => id);

class SequencerThread {
  readonly #store: EmbeddedStore;
  readonly #sequencer: Sequencer;
  readonly #watchdogs: ReadonlyMap<string, Watchdog>;
  readonly #turns = new TenantTurns<SequencerRequest & { op: "ingest" }>();
  #failure: Failure | undefined;
  #closed = false;
  readonly #timers: NodeJS.Timeout[] = [];
  #trimAgain: NodeJS.Timeout | undefined;

  constructor(store: EmbeddedStore) {
    this.#store = store;
    this.#sequencer = new Sequencer(store, limits, Date.now);
    for (const tenant of tenantIds) store.ensureTenant(tenant);
    this.#watchdogs = new Map(
      tenants.map(({ id, sessionTimes }) => [
        id,
        new Watchdog(id, sessionTimes, store.view, this.#sequencer, Date.now()),
      ]),
    );
    this.#timers.push(setInterval(() => this.#probe(), probeEveryMs));
    this.#timers.push(setInterval(() => this.#watch(), watchEveryMs));
    this.#timers.push(setInterval(() => this.#trim(), retentionEveryMs));
    send({ type: "ready", states: this.#states(tenantIds) });
    port.on("message", (first: SequencerRequest) => this.#run(first));
    // Once the gateway is up: what a killed process left in the WAL is copied back, what is too old is dropped.
    setImmediate(() => {
      this.#checkpoint();
      this.#trim();
    });
  }

  #states(of: Iterable<string>): LogState[] {
    return [...of].map((tenant) => {
      const { epoch, trimmedTo } = this.#store.log.head(tenant);
      const { appliedOffset, eventCount, clockMs } = this.#store.view.state(tenant);
      const quarantinedCount = this.#store.quarantine.count(tenant);
      const lineage = this.#store.log.lineage(tenant);
      const position = { oldestOffset: trimmedTo, headOffset: appliedOffset };
      return { tenant, epoch, ...position, eventCount, clockMs, quarantinedCount, lineage };
    });
  }

  /** Takes what waits, ingest requests in groups; another kind of request comes after all that came before it. */
  #run(first: SequencerRequest): void {
    let next: SequencerRequest | undefined = first;
    for (;;) {
      for (; next !== undefined && !this.#closed; next = nextRequest()) {
        if (next.op === "ingest") this.#turns.add(next);
        else {
          for (let group = this.#turns.take(); group.length > 0; group = this.#turns.take()) this.#ingest(group);
          this.#other(next);
        }
      }
      const group = this.#turns.take();
      if (group.length === 0 || this.#closed) return;
      this.#ingest(group);
      next = nextRequest();
    }
  }

  #ingest(group: readonly (SequencerRequest & { op: "ingest" })[]): void {
    try {
      const { outcomes, blocks, notes } = this.#sequencer.run(group);
      const replies = group.map(({ id }, index): Reply => ({ id, outcomes: outcomes[index]! }));
      this.#done(replies, blocks, new Set(group.map((request) => request.tenant)), [...notes]);
      this.#recovered();
      this.#checkpoint();
    } catch (error) {
      const failure = this.#failed(error);
      this.#done(
        group.map(({ id }): Reply => ({ id, failure })),
        [],
        [],
        [],
      );
    }
  }

  #other(request: Exclude<SequencerRequest, { op: "ingest" }>): void {
    if (request.op === "close") return this.#close();
    if (request.op === "sync") return this.#done([{ id: request.id, outcomes: [] }], [], [], []);
    try {
      if (request.op === "improve") return this.#improve(request.id, request.improvement);
      const { answer, blocks, notes } = answerQuarantine(request, this.#store, this.#sequencer);
      this.#done([{ id: request.id, quarantine: answer }], blocks, [request.tenant], [...notes]);
    } catch (error) {
      this.#done([{ id: request.id, failure: this.#failed(error) }], [], [], []);
    }
  }

  #improve(id: number, improvement: Improvement): void {
    const { view } = this.#store;
    this.#store.group(() => {
      if ("merged" in improvement) view.replaceBlocks(improvement.merged);
      else view.addKeySegment(improvement.segment);
    });
    this.#done([{ id, outcomes: [] }], [], [], []);
    this.#checkpoint();
  }

  #done(replies: Reply[], blocks: EncodedBlock[], changed: Iterable<string>, notes: [string, number][]): void {
    const transfer = blocks.flatMap(
      ({ frames, sessions, contents }) => [frames.buffer, sessions.buffer, contents.buffer] as ArrayBuffer[],
    );
    send({ type: "done", blocks, replies, states: this.#states(changed), notes }, transfer);
  }

  #failed(error: unknown): Failure {
    const { reason, message } = storageError(error);
    const failure = { reason, message };
    if (this.#failure?.reason !== reason) send({ type: "health", failure });
    this.#failure = failure;
    return failure;
  }

  #recovered(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    send({ type: "health", failure: undefined });
  }

  /** While writing fails, finds out whether the cause has gone. */
  #probe(): void {
    if (this.#failure === undefined) return;
    try {
      const { bavail, bsize } = statfsSync(dataDir);
      if (this.#failure.reason === "STORAGE_FULL" && bavail * bsize < enoughFreeBytes) return;
      this.#store.writeProbe();
      this.#recovered();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Expires and seals sessions that are due. */
  #watch(): void {
    if (this.#failure !== undefined) return;
    try {
      for (const [tenant, watchdog] of this.#watchdogs) {
        const until = Date.now() + watchForMs;
        for (let settled = watchdog.round(Date.now()); settled.length > 0; settled = watchdog.round(Date.now())) {
          this.#settled(tenant, settled);
          if (Date.now() >= until) break;
        }
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #settled(tenant: string, settled: readonly Settled[]): void {
    for (const { blocks, notes } of settled) this.#done([], blocks, [tenant], [...notes]);
  }

  #trim(): void {
    if (retentionMs === undefined || this.#failure !== undefined) return;
    const beforeMs = Date.now() - retentionMs;
    try {
      for (const [tenant, watchdog] of this.#watchdogs) {
        this.#settled(tenant, watchdog.settleBefore(beforeMs));
        const until = Date.now() + watchForMs;
        while (trimToAge(this.#store, tenant, beforeMs)) {
          this.#done([], [], [tenant], []);
          if (Date.now() < until) continue;
          this.#trimSoon();
          break;
        }
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #trimSoon(): void {
    clearTimeout(this.#trimAgain);
    this.#trimAgain = setTimeout(() => this.#trim(), retentionAgainMs);
  }

  /** What is in the WAL is durable already, so a failing checkpoint fails no sender. */
  #checkpoint(): void {
    try {
      this.#store.checkpointWhenLong();
    } catch (error) {
      send({ type: "health", failure: this.#failure, warning: `checkpoint failed: ${storageError(error).message}` });
    }
  }

  #close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#trimAgain);
    this.#store.close();
    send({ type: "closed" });
    port.close();
  }
}

function nextRequest(): SequencerRequest | undefined {
  return receiveMessageOnPort(port)?.message as SequencerRequest | undefined;
}

function send(message: SequencerMessage, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

try {
  new SequencerThread(new EmbeddedStore(dataDir, limits));
} catch (error) {
  const known = error instanceof DataFolderError;
  send({ type: "refused", message: known ? error.message : `${dataDir}: ${storageError(error).message}` });
  port.close();
}
