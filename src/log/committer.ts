/** The sequencer's end of the committer: the thread that makes changes durable while the next ones are worked out. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Change } from "./changes.ts";
import type { CommitterThreadData } from "./committer-thread.ts";
import type { Failure } from "./failure.ts";
import { threadFile } from "./thread-file.ts";
import type { Improvement } from "./upkeep.ts";

/** Groups are numbered in the order in which they are given, and become durable in it. */
export type CommitterRequest =
  | { op: "commit"; number: number; changes: readonly Change[] }
  | { op: "improve"; number: number; improvement: Improvement }
  /** After a loss, of which everybody has been told: what comes from here on builds on nothing that was lost. */
  | { op: "resume" }
  | { op: "close" };

export type CommitterAnswer =
  | { ready: true }
  /** These are on the disk. */
  | { committed: number[] }
  /** Not stored, and neither is any that was given since, up to `resume`. */
  | { lost: number; failure: Failure }
  | { warning: string };

export interface Committer {
  give(request: CommitterRequest, transfer?: ArrayBuffer[]): void;
  /** What came of it so far; undefined when nothing has. */
  answer(): CommitterAnswer | undefined;
  /** Waits for the next answer. */
  nextAnswer(): CommitterAnswer;
}

export interface CommitterOptions {
  dataDir: string;
  /** Where the main thread is told what is durable. */
  toMain: MessagePort;
  /** Is given the answers that come while nobody waits for one. */
  onAnswer(answer: CommitterAnswer): void;
}

/** Started when it is needed first: a gateway that has just started, or has little to do, is as well without it. */
export class CommitterThread implements Committer {
  readonly #options: CommitterOptions;
  /** Counts the answers, so that this thread can wait for the next one. */
  readonly #answers = new Int32Array(new SharedArrayBuffer(4));
  readonly #port: MessagePort;
  readonly #itsPort: MessagePort;
  #worker: Worker | undefined;

  constructor(options: CommitterOptions) {
    const { port1, port2 } = new MessageChannel();
    this.#options = options;
    this.#port = port1;
    this.#itsPort = port2;
    port1.on("message", options.onAnswer);
  }

  /** Its first answer says that it is ready. */
  start(): void {
    if (this.#worker !== undefined) return;
    const { dataDir, toMain } = this.#options;
    const workerData: CommitterThreadData = { port: this.#itsPort, toMain, dataDir, answers: this.#answers };
    this.#worker = new Worker(threadFile("committer-thread", import.meta.url), {
      workerData,
      transferList: [this.#itsPort, toMain],
      name: "callwire-committer",
    });
    this.#worker.on("error", (error) => {
      throw error;
    });
  }

  give(request: CommitterRequest, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(request, transfer);
  }

  answer(): CommitterAnswer | undefined {
    return receiveMessageOnPort(this.#port)?.message as CommitterAnswer | undefined;
  }

  nextAnswer(): CommitterAnswer {
    for (;;) {
      const seen = Atomics.load(this.#answers, 0);
      const answer = this.answer();
      if (answer !== undefined) return answer;
      Atomics.wait(this.#answers, 0, seen);
    }
  }

  /** Resolves once everything was made durable and the thread has ended; its last answers may be taken still. */
  async close(): Promise<void> {
    if (this.#worker === undefined) {
      this.#port.close();
      this.#options.toMain.close();
      return;
    }
    const ended = new Promise<void>((resolve) => this.#worker!.once("exit", () => resolve()));
    this.give({ op: "close" });
    await ended;
  }
}
