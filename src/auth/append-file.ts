/**
 * A file of lines that is only ever appended to, by this process and readable by its user alone. Lines are gathered for a
 * moment and written together. A file that was moved away, as programs that rotate logs do, is begun anew.
 */
import { closeSync, fstatSync, fsyncSync, openSync, statSync, writeFileSync } from "node:fs";

const flushEveryMs = 200;
/** Lines that are kept for another try when they cannot be written, as on a full disk; then the oldest go. */
const maxKept = 10_000;

export class AppendFile {
  readonly #path: string;
  readonly #onError: (error: unknown) => void;
  #file: number;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Lines that were lost since the last that was written. */
  #lost = 0;

  /** @param onError hears of each failed write. @throws Error naming the file when it cannot be appended to */
  constructor(path: string, onError: (error: unknown) => void) {
    this.#path = path;
    this.#onError = onError;
    try {
      this.#file = this.#open();
    } catch (cause) {
      throw new Error(`${path} cannot be written: ${(cause as Error).message}`, { cause });
    }
  }

  #open(): number {
    return openSync(this.#path, "a", 0o600);
  }

  append(line: string): void {
    this.#lines.push(`${line}\n`);
    if (this.#lines.length > maxKept) {
      this.#lines.shift();
      this.#lost++;
    }
    this.#timer ??= setTimeout(() => this.flush(), flushEveryMs).unref();
  }

  /** How many lines were lost; asked once. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length === 0) return;
    try {
      this.#followRotation();
      writeFileSync(this.#file, this.#lines.join(""));
      this.#lines = [];
    } catch (error) {
      this.#onError(error);
    }
  }

  #followRotation(): void {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    const { dev, ino } = fstatSync(this.#file);
    if (now !== undefined && now.ino === ino && now.dev === dev) return;
    const next = this.#open();
    closeSync(this.#file);
    this.#file = next;
  }

  close(): void {
    this.flush();
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}
