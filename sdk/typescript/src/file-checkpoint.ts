/** A checkpoint in a file that is replaced in one step, so that a crash leaves the old state or the new one. */
import { open, readFile, rename, rm } from "node:fs/promises";
import type { Checkpoint, CheckpointState } from "./checkpoint.ts";

/** A checkpoint that cannot be read or written; the message names the file. */
export class CheckpointError extends Error {
  override name = "CheckpointError";
  /** The file. */
  readonly path: string;

  constructor(path: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.path = path;
  }
}

const cursorPattern = /^[0-9a-f]{8}-\d+$/;

/** One JSON object in a file of its own: `{"cursor": "...", "filter_digest": "..."}`. One subscription a file. */
export class FileCheckpoint implements Checkpoint {
  readonly path: string;

  /** @param path the file; its folder must exist, the file need not */
  constructor(path: string) {
    this.path = path;
  }

  /** @throws CheckpointError when the file cannot be read or holds no checkpoint */
  async load(): Promise<CheckpointState | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw new CheckpointError(this.path, `cannot read the checkpoint ${this.path}: ${String(cause)}`, cause);
    }
    return this.#parse(text);
  }

  /** Returns once the state is on the disk. @throws CheckpointError */
  async save({ cursor, filterDigest }: CheckpointState): Promise<void> {
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      const file = await open(temporary, "w");
      try {
        await file.writeFile(`${JSON.stringify({ cursor, filter_digest: filterDigest })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.path);
    } catch (cause) {
      await rm(temporary, { force: true });
      throw new CheckpointError(this.path, `cannot write the checkpoint ${this.path}: ${String(cause)}`, cause);
    }
  }

  #parse(text: string): CheckpointState {
    const corrupt = (what: string, cause?: unknown) =>
      new CheckpointError(this.path, `the checkpoint ${this.path} is corrupt: ${what}`, cause);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw corrupt("it is not JSON", cause);
    }
    if (typeof value !== "object" || value === null) throw corrupt("it is not a JSON object");
    const { cursor, filter_digest: filterDigest = "" } = value as Record<string, unknown>;
    if (typeof cursor !== "string" || !cursorPattern.test(cursor)) throw corrupt("`cursor` is not a cursor");
    if (typeof filterDigest !== "string") throw corrupt("`filter_digest` is not a text");
    return { cursor, filterDigest };
  }
}
