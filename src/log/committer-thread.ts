/**
 * The thread that makes the sequencer's changes durable: whatever waits becomes one transaction. It tells the main thread, which
 * holds what depends on it, and the sequencer.
 *
 * Started by `CommitterThread` with `CommitterThreadData`; posts `CommitterAnswer`s.
 */
import { join } from "node:path";
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { makeChanges } from "./changes.ts";
import type { CommitterAnswer, CommitterRequest } from "./committer.ts";
import { failureOf } from "./failure.ts";
import { JournalStore, journalFile } from "./sqlite/journal-store.ts";
import { storeImprovement } from "./upkeep.ts";

export interface CommitterThreadData {
  port: MessagePort;
  toMain: MessagePort;
  dataDir: string;
  answers: Int32Array;
}

type Group = Exclude<CommitterRequest, { op: "resume" | "close" }>;

const { port, toMain, dataDir, answers } = workerData as CommitterThreadData;

class CommitterThread {
  readonly #journal = new JournalStore(join(dataDir, journalFile));
  /** A group was lost, and those that were worked out after it are too. */
  #isLosing = false;

  constructor() {
    port.on("message", (first: CommitterRequest) => this.#run(first));
    answer({ ready: true });
  }

  #run(first: CommitterRequest): void {
    let groups: Group[] = [];
    for (let next: CommitterRequest | undefined = first; next !== undefined; next = nextRequest()) {
      if (next.op === "commit" || next.op === "improve") {
        groups.push(next);
        continue;
      }
      this.#commit(groups);
      groups = [];
      if (next.op === "close") return this.#close();
      this.#isLosing = false;
    }
    this.#commit(groups);
  }

  #commit(groups: readonly Group[]): void {
    if (groups.length === 0 || this.#isLosing) return;
    try {
      this.#journal.group(() => {
        for (const group of groups) this.#make(group);
      });
    } catch (error) {
      this.#isLosing = true;
      answer({ lost: groups[0]!.number, failure: failureOf(error) });
      return;
    }
    const committed = groups.map(({ number }) => number);
    toMain.postMessage(committed);
    answer({ committed });
    this.#checkpoint();
  }

  #make(group: Group): void {
    if (group.op === "commit") makeChanges(this.#journal, group.changes);
    else storeImprovement(this.#journal.view, group.improvement);
  }

  /** What is in the WAL is durable already, so a failing checkpoint loses nothing. */
  #checkpoint(): void {
    try {
      this.#journal.checkpointWhenLong();
    } catch (error) {
      answer({ warning: `checkpoint failed: ${failureOf(error).message}` });
    }
  }

  #close(): void {
    this.#journal.close();
    toMain.close();
    port.close();
  }
}

function nextRequest(): CommitterRequest | undefined {
  return receiveMessageOnPort(port)?.message as CommitterRequest | undefined;
}

function answer(given: CommitterAnswer): void {
  port.postMessage(given);
  Atomics.add(answers, 0, 1);
  Atomics.notify(answers, 0);
}

new CommitterThread();
