/**
 * A resume position in a file: the cursor on the first line, the digest of the filters in force on the second. A file
 * written by hand may have only the first. Saving replaces the file in one step, so that a reader sees the old or the new.
 */
import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { CommandFailure } from "./failure.ts";
import { isCursor } from "./position.ts";

export interface SavedPosition {
  cursor: string;
  /** Empty when unknown. */
  filterDigest: string;
}

const saveIntervalMs = 1_000;

/** The saved position, or undefined when there is no file yet. */
export function loadCursorFile(path: string): SavedPosition | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CommandFailure(`cannot read the cursor file ${path}: ${(error as Error).message}.`);
  }
  const [cursor = "", filterDigest = ""] = text.split("\n").map((line) => line.trim());
  if (!isCursor(cursor)) {
    throw new CommandFailure(`${path} holds no cursor. Delete it to start anew, or name another --cursor-file.`);
  }
  return { cursor, filterDigest };
}

/** Keeps a file up to date with the newest position, written at most once a second and on `flush`. */
export class CursorFile {
  #path: string;
  #now: () => number;
  #pending: SavedPosition | undefined;
  #savedAtMs = Number.NEGATIVE_INFINITY;

  constructor(path: string, now: () => number = Date.now) {
    this.#path = path;
    this.#now = now;
  }

  /** Notes that everything up to `position` has been printed. */
  note(position: SavedPosition): void {
    this.#pending = position;
    if (this.#now() - this.#savedAtMs >= saveIntervalMs) this.flush();
  }

  /** Writes what is noted and not yet written. */
  flush(): void {
    if (this.#pending === undefined) return;
    const { cursor, filterDigest } = this.#pending;
    const temporary = `${this.#path}.${randomUUID()}.tmp`;
    try {
      writeFileSync(temporary, `${cursor}\n${filterDigest}\n`, { flush: true });
      renameSync(temporary, this.#path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new CommandFailure(`cannot save the cursor to ${this.#path}: ${(error as Error).message}.`);
    }
    this.#pending = undefined;
    this.#savedAtMs = this.#now();
  }
}
