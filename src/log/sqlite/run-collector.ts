/** Collects matching events into runs of bounded events and bytes. */
import type { CompiledFilter } from "../../filters/compile.ts";
import { concat } from "../block.ts";
import type { EventRun, ReadRange } from "../event-reader.ts";
import type { Positions } from "./positions.ts";

export class RunCollector {
  readonly #range: ReadRange;
  readonly #withMatches: boolean;
  readonly #runs: EventRun[] = [];
  #frames: Uint8Array[] = [];
  #offsets: number[] = [];
  #matches: string[][] = [];
  #openBytes = 0;
  #bytes = 0;
  #events = 0;

  constructor(range: ReadRange, withMatches: boolean) {
    this.#range = range;
    this.#withMatches = withMatches;
  }

  get direction(): "up" | "down" {
    return this.#range.direction;
  }

  isFull(): boolean {
    return this.#events >= this.#range.maxEvents || this.#bytes >= this.#range.maxBytes;
  }

  /** Whether events can be taken as one slice of the block's bytes, without looking at each. */
  takesWhole(from: number, to: number, positions: Positions, frames: Uint8Array): boolean {
    const { maxRunEvents, maxEvents, maxBytes, direction } = this.#range;
    const count = to - from;
    const fits = count <= maxRunEvents && this.#events + count <= maxEvents && frames.length <= maxBytes;
    return direction === "up" && fits && positions.frameEnds.length > 0;
  }

  addWhole(positions: Positions, frames: Uint8Array, from: number, to: number): void {
    const { frameEnds, offsets } = positions;
    const bytes = frames.subarray(from === 0 ? 0 : frameEnds[from - 1]!, frameEnds[to - 1]!);
    const count = to - from;
    if (
      this.#offsets.length + count > this.#range.maxRunEvents ||
      this.#openBytes + bytes.length > this.#range.maxBytes
    ) {
      this.#close();
    }
    this.#frames.push(bytes);
    for (let ordinal = from; ordinal < to; ordinal++) this.#offsets.push(offsets[ordinal]!);
    this.#count(bytes.length, count);
  }

  /** Adds those that a filter matches, asking in order; gives the offset of the last event taken when it was full before the end. */
  addEach(
    from: number,
    to: number,
    offsets: Float64Array,
    frame: (ordinal: number) => Uint8Array,
    matched: ((ordinal: number) => readonly CompiledFilter[]) | undefined,
  ): number | undefined {
    const down = this.#range.direction === "down";
    for (let step = 0; step < to - from; step++) {
      const ordinal = down ? to - 1 - step : from + step;
      const filters = matched?.(ordinal);
      if (filters?.length === 0) continue;
      this.#addOne(frame(ordinal), offsets[ordinal]!, filters);
      if (this.isFull() && step < to - from - 1) return offsets[ordinal]!;
    }
    return undefined;
  }

  #addOne(frame: Uint8Array, offset: number, filters: readonly CompiledFilter[] | undefined): void {
    const { maxRunEvents, maxBytes } = this.#range;
    if (this.#offsets.length >= maxRunEvents || this.#openBytes + frame.length > maxBytes) this.#close();
    this.#frames.push(frame);
    this.#offsets.push(offset);
    if (this.#withMatches) this.#matches.push([...new Set(filters?.map(({ name }) => name))].sort());
    this.#count(frame.length, 1);
  }

  #count(bytes: number, events: number): void {
    this.#openBytes += bytes;
    this.#bytes += bytes;
    this.#events += events;
  }

  #close(): void {
    if (this.#offsets.length === 0) return;
    const matches = this.#withMatches ? this.#matches : undefined;
    this.#runs.push({ frames: concat(this.#frames), offsets: Float64Array.from(this.#offsets), matches });
    this.#frames = [];
    this.#offsets = [];
    this.#matches = [];
    this.#openBytes = 0;
  }

  finish(): EventRun[] {
    this.#close();
    return this.#runs;
  }
}
