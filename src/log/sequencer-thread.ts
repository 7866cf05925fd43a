/**
 * The thread that owns the data folder. It takes requests from its port, runs all that wait as one group, and answers with
 * one message a group: the blocks for the fan-out and the outcomes for the senders, as transferred buffers. A group that comes
 * alone it makes durable itself; while more wait, the committer does so, and the next group is worked out meanwhile.
 *
 * Started by `openGatewayLog` with `SequencerThreadData`; posts `SequencerMessage`s.
 */
import { statfsSync } from "node:fs";
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { SessionTimes } from "../config/session-times.ts";
import { AheadStore } from "./ahead-store.ts";
import type { EncodedBlock } from "./block.ts";
import { type CommitterAnswer, CommitterThread } from "./committer.ts";
import { type Failure, failureOf } from "./failure.ts";
import type { LogState } from "./gateway-log.ts";
import type { IngestRequest } from "./ingest-request.ts";
import { answerQuarantine, type QuarantineAnswer, type QuarantineRequest } from "./quarantine-requests.ts";
import { trimToAge } from "./retention.ts";
import { type SequencedItem, Sequencer, type SequencerLimits, type Settled } from "./sequencer.ts";
import { DataFolderError } from "./sqlite/database.ts";
import { EmbeddedStore } from "./sqlite/embedded-store.ts";
import type { QuarantineLimits } from "./sqlite/sqlite-quarantine.ts";
import { TenantTurns } from "./tenant-turns.ts";
import type { Improvement } from "./upkeep.ts";
import { Watchdog } from "./watchdog.ts";

export interface SequencerThreadData {
  port: MessagePort;
  /** Where the committer tells the main thread the numbers of the groups that are durable. */
  committed: MessagePort;
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

export type Reply =
  | { id: number; outcomes: SequencedItem[] }
  | { id: number; quarantine: QuarantineAnswer }
  | { id: number; failure: Failure };

/** What a group came to; it counts once the group of this number is durable, at once when there is no number. */
export interface Done {
  type: "done";
  group: number | undefined;
  blocks: EncodedBlock[];
  replies: Reply[];
  states: LogState[];
  notes: [string, number][];
}

export type SequencerMessage =
  | { type: "ready"; states: LogState[] }
  | { type: "refused"; message: string }
  | Done
  /** The groups from this number on, as far as they were told of before this, never become durable. */
  | { type: "lost"; from: number; failure: Failure }
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

/** While less than this waits, a group is worked out once the one before is durable: small groups cost more than they save. */
const aheadFromBytes = 8 * 1024;
/** Groups on their way to the disk while another is worked out. */
const maxUnderWay = 2;

const { port, committed, dataDir, tenants, limits, retentionMs } = workerData as SequencerThreadData;
const tenantIds = tenants.map(({ id }) => id);

class SequencerThread {
  readonly #disk: EmbeddedStore;
  readonly #committer: CommitterThread;
  readonly #store: AheadStore;
  readonly #sequencer: Sequencer;
  readonly #watchdogs: ReadonlyMap<string, Watchdog>;
  readonly #turns = new TenantTurns<SequencerRequest & { op: "ingest" }>();
  #failure: Failure | undefined;
  #closed = false;
  readonly #timers: NodeJS.Timeout[] = [];
  #trimAgain: NodeJS.Timeout | undefined;

  constructor(disk: EmbeddedStore) {
    this.#disk = disk;
    for (const tenant of tenantIds) disk.ensureTenant(tenant);
    const onAnswer = (answer: CommitterAnswer): void => void this.#store.take(answer);
    this.#committer = new CommitterThread({ dataDir, toMain: committed, onAnswer });
    this.#store = new AheadStore(disk, this.#committer, {
      committed: () => this.#recovered(),
      lost: (from, failure) => this.#lost(from, failure),
      warning: (warning) => this.#warn(warning),
    });
    const { view } = this.#store;
    this.#sequencer = new Sequencer(this.#store, limits, Date.now);
    this.#watchdogs = new Map(
      tenants.map(({ id, sessionTimes }) => [id, new Watchdog(id, sessionTimes, view, this.#sequencer, Date.now())]),
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
          while (!this.#turns.isEmpty) this.#ingest(this.#turns.take(), next);
          this.#other(next);
        }
      }
      if (this.#turns.isEmpty || this.#closed) return;
      const hasWaited = this.#makeRoom();
      if (hasWaited) next = nextRequest();
      else {
        const group = this.#turns.take();
        next = nextRequest();
        this.#ingest(group, next);
      }
    }
  }

  /** Waits while enough is under way, and says whether it had to: then more may have come for the next group. */
  #makeRoom(): boolean {
    this.#store.takeAnswers();
    const most = this.#turns.waitingBytes < aheadFromBytes ? 0 : maxUnderWay - 1;
    if (this.#store.underWay <= most) return false;
    try {
      this.#store.drainTo(most);
    } catch (error) {
      this.#failed(error);
    }
    return true;
  }

  /** @param next the request that comes after those that wait */
  #ingest(group: readonly (SequencerRequest & { op: "ingest" })[], next: SequencerRequest | undefined): void {
    const waitingBytes = this.#turns.waitingBytes + (next?.op === "ingest" ? next.bytes.length : 0);
    this.#store.worksAhead = this.#store.underWay > 0 || waitingBytes >= aheadFromBytes;
    if (this.#store.worksAhead) this.#committer.start();
    try {
      const { outcomes, blocks, notes } = this.#sequencer.run(group);
      const replies = group.map(({ id }, index): Reply => ({ id, outcomes: outcomes[index]! }));
      const states = this.#states(new Set(group.map(({ tenant }) => tenant)));
      this.#done({ group: this.#store.pending, replies, blocks, states, notes: [...notes] });
      if (this.#store.pending !== undefined) return;
      this.#recovered();
      this.#checkpoint();
    } catch (error) {
      const failure = this.#failed(error);
      this.#done({ replies: group.map(({ id }): Reply => ({ id, failure })) });
    }
  }

  #other(request: Exclude<SequencerRequest, { op: "ingest" }>): void {
    if (request.op === "close") return this.#close();
    const { id } = request;
    if (request.op === "sync") return this.#done({ replies: [{ id, outcomes: [] }] });
    this.#store.worksAhead = false;
    try {
      if (request.op === "improve") {
        this.#store.improve(request.improvement);
        return this.#done({ group: this.#store.pending, replies: [{ id, outcomes: [] }] });
      }
      const { answer, blocks, notes } = answerQuarantine(request, this.#store, this.#sequencer);
      const states = this.#states([request.tenant]);
      this.#done({ replies: [{ id, quarantine: answer }], blocks, states, notes: [...notes] });
    } catch (error) {
      this.#done({ replies: [{ id, failure: this.#failed(error) }] });
    }
  }

  #done(what: Partial<Done>): void {
    const { group, replies = [], blocks = [], states = [], notes = [] } = what;
    const transfer = blocks.flatMap(
      ({ frames, sessions, contents }) => [frames.buffer, sessions.buffer, contents.buffer] as ArrayBuffer[],
    );
    send({ type: "done", group, replies, blocks, states, notes }, transfer);
  }

  /** What was worked out on top of what is lost is forgotten with it. */
  #lost(from: number, failure: Failure): void {
    this.#sequencer.forget();
    this.#fail(failure);
    send({ type: "lost", from, failure });
  }

  #failed(error: unknown): Failure {
    const failure = failureOf(error);
    this.#fail(failure);
    return failure;
  }

  #fail(failure: Failure): void {
    if (this.#failure?.reason !== failure.reason) send({ type: "health", failure });
    this.#failure = failure;
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
      this.#store.drain();
      this.#disk.writeProbe();
      this.#recovered();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Expires and seals sessions that are due. */
  #watch(): void {
    if (this.#failure !== undefined) return;
    this.#store.worksAhead = false;
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
    for (const { blocks, notes } of settled) this.#done({ blocks, states: this.#states([tenant]), notes: [...notes] });
  }

  #trim(): void {
    if (retentionMs === undefined || this.#failure !== undefined) return;
    this.#store.worksAhead = false;
    const beforeMs = Date.now() - retentionMs;
    try {
      for (const [tenant, watchdog] of this.#watchdogs) {
        this.#settled(tenant, watchdog.settleBefore(beforeMs));
        const until = Date.now() + watchForMs;
        while (trimToAge(this.#store, tenant, beforeMs)) {
          this.#done({ states: this.#states([tenant]) });
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
      this.#disk.checkpointWhenLong();
    } catch (error) {
      this.#warn(`checkpoint failed: ${failureOf(error).message}`);
    }
  }

  #warn(warning: string): void {
    send({ type: "health", failure: this.#failure, warning });
  }

  #close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#trimAgain);
    void this.#committer.close().then(() => {
      // What the committer said last.
      this.#store.takeAnswers();
      this.#disk.close();
      send({ type: "closed" });
      port.close();
    });
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
  send({ type: "refused", message: known ? error.message : `${dataDir}: ${failureOf(error).message}` });
  port.close();
  committed.close();
}
