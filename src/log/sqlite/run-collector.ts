/** Collects a slice's matching events: whole blocks as they are, single events and small blocks joined. */
import type { CompiledFilter } from "../../filters/compile.ts";
import { concat } from "../block.ts";
import type { EventRun, ReadRange, ReadSlice } from "../event-reader.ts";

/** Blocks below this are copied together: handing a buffer to another thread costs as much as copying so many bytes. */
const joinedBytes = 32 * 1024;

export class RunCollector {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  readonly #withMatches: boolean;
  readonly direction: "up" | "down";
  readonly #runs: EventRun[] = [];
  #frames: Uint8Array[] = [];
  #ends: number[] = [];
  #offsets: number[] = [];
  #matches: string[][] = [];
  #openBytes = 0;
  #bytes = 0;
  #events = 0;
  #blocksRead = 0;

  constructor({ maxEvents, maxBytes, direction }: ReadRange, withMatches: boolean) {
    this.#maxEvents = maxEvents ?? Number.POSITIVE_INFINITY;
    this.#maxBytes = maxBytes;
    this.direction = direction;
    this.#withMatches = withMatches;
  }

  isFull(): boolean {
    return this.#events >= this.#maxEvents || this.#bytes >= this.#maxBytes;
  }

  /** Adds consecutive events of a block whose frames lie one after the other. */
  addStored(frames: Uint8Array, ends: Uint32Array, offsets: Float64Array): void {
    this.#bytes += frames.length;
    this.#events += offsets.length;
    if (frames.length >= joinedBytes) {
      this.#close();
      this.#runs.push({ frames, ends, offsets, matches: undefined });
      return;
    }
    for (const end of ends) this.#ends.push(this.#openBytes + end);
    for (const offset of offsets) this.#offsets.push(offset);
    this.#hold(frames);
  }

  /** Adds one event with the filters that matched it. */
  add(frame: Uint8Array, offset: number, filters: readonly CompiledFilter[] | undefined): void {
    this.#bytes += frame.length;
    this.#events++;
    this.#ends.push(this.#openBytes + frame.length);
    this.#offsets.push(offset);
    if (this.#withMatches) this.#matches.push([...new Set(filters?.map(({ name }) => name))].sort());
    this.#hold(frame);
  }

  #hold(frames: Uint8Array): void {
    this.#frames.push(frames);
    this.#openBytes += frames.length;
  }

  #close(): void {
    if (this.#offsets.length === 0) return;
    this.#runs.push({
      frames: concat(this.#frames),
      ends: Uint32Array.from(this.#ends),
      offsets: Float64Array.from(this.#offsets),
      matches: this.#withMatches ? this.#matches : undefined,
    });
    this.#frames = [];
    this.#ends = [];
    this.#offsets = [];
    this.#matches = [];
    this.#openBytes = 0;
  }

  /** Counts a block whose events were looked at. */
  countBlock(): void {
    this.#blocksRead++;
  }

  finish(): Pick<ReadSlice, "runs" | "blocksRead"> {
    this.#close();
    return { runs: this.#runs, blocksRead: this.#blocksRead };
  }
}
