/** Working ahead of a committer that makes groups durable late, on a connection of its own to the same files, and loses them when told to. */
import { join } from "node:path";
import { type AheadEvents, AheadStore } from "../../src/log/ahead-store.ts";
import { makeChanges } from "../../src/log/changes.ts";
import type { Committer, CommitterAnswer, CommitterRequest } from "../../src/log/committer.ts";
import type { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { JournalStore, journalFile } from "../../src/log/sqlite/journal-store.ts";
import { storeImprovement } from "../../src/log/upkeep.ts";

type Group = Exclude<CommitterRequest, { op: "resume" | "close" }>;

export class LateCommitter implements Committer {
  readonly #journal: JournalStore;
  readonly #answers: CommitterAnswer[] = [{ ready: true }];
  #waiting: Group[] = [];
  #isLosing = false;
  /** Whether the next group is lost. */
  losesNext = false;

  constructor(folder: string) {
    this.#journal = new JournalStore(join(folder, journalFile));
  }

  give(request: CommitterRequest, transfer: ArrayBuffer[] = []): void {
    const received = structuredClone(request, { transfer });
    if (received.op === "resume") this.#isLosing = false;
    else if (received.op !== "close" && !this.#isLosing) this.#waiting.push(received);
  }

  answer(): CommitterAnswer | undefined {
    return this.#answers.shift();
  }

  nextAnswer(): CommitterAnswer {
    if (this.#answers.length === 0) this.commit(1);
    return this.#answers.shift()!;
  }

  /** Makes so many of the groups that wait durable in one transaction. */
  commit(count: number): void {
    const groups = this.#waiting.splice(0, count);
    if (groups.length === 0) return;
    if (this.losesNext) {
      this.losesNext = false;
      this.#isLosing = true;
      this.#waiting = [];
      const failure = { reason: "STORAGE_FAILED", message: "lost on purpose" } as const;
      this.#answers.push({ lost: groups[0]!.number, failure });
      return;
    }
    this.#journal.group(() => {
      for (const group of groups) {
        if (group.op === "commit") makeChanges(this.#journal, group.changes);
        else storeImprovement(this.#journal.view, group.improvement);
      }
    });
    this.#answers.push({ committed: groups.map(({ number }) => number) });
  }

  close(): void {
    this.#journal.close();
  }
}

const quiet: AheadEvents = { committed: () => {}, lost: () => {}, warning: () => {} };

/** A store that hands every group on; it becomes durable when something waits for it. */
export class LateStore extends AheadStore {
  readonly #disk: EmbeddedStore;
  readonly #committer: LateCommitter;

  constructor(disk: EmbeddedStore, folder: string) {
    const committer = new LateCommitter(folder);
    super(disk, committer, quiet);
    this.#disk = disk;
    this.#committer = committer;
    this.takeAnswers();
    this.worksAhead = true;
  }

  /** A group that is durable when it returns. */
  atOnce<R>(changes: () => R): R {
    this.worksAhead = false;
    const result = this.group(changes);
    this.worksAhead = true;
    return result;
  }

  close(): void {
    this.drain();
    this.#committer.close();
    this.#disk.close();
  }
}
