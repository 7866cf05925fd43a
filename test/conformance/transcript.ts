/** What a driver printed about one run of a case. */
import { EventEmitter } from "node:events";

export interface DriverEvent {
  offset: string;
  cursor: string;
  matches?: string[];
  message?: unknown;
}

export interface DriverDelivery {
  kind: string;
  [member: string]: unknown;
}

export interface DriverStatus {
  kind: string;
  attempt?: number;
  delay_ms?: number;
  code?: string;
  reason?: string;
}

export interface DriverDone {
  outcome: string;
  events?: number;
  digest?: string;
  cursor?: string;
  [member: string]: unknown;
}

export type DriverLine = {
  event?: DriverEvent;
  delivery?: DriverDelivery;
  status?: DriverStatus;
  handling?: number;
  done?: DriverDone;
};

export class Transcript extends EventEmitter<{ change: [] }> {
  readonly events: DriverEvent[] = [];
  readonly deliveries: DriverDelivery[] = [];
  readonly statuses: DriverStatus[] = [];
  /** Kinds of deliveries and numbers of events, in the order in which they came. */
  readonly sequence: (string | DriverEvent)[] = [];
  handling = 0;
  done: DriverDone | undefined;
  /** The driver process ended before it was done. */
  died: string | undefined;
  elapsedMs = 0;
  readonly #startedMs = performance.now();

  get sinceStartMs(): number {
    return performance.now() - this.#startedMs;
  }

  add(line: DriverLine): void {
    if (line.event !== undefined) {
      this.events.push(line.event);
      this.sequence.push(line.event);
    }
    if (line.delivery !== undefined) {
      this.deliveries.push(line.delivery);
      this.sequence.push(line.delivery.kind);
    }
    if (line.status !== undefined) this.statuses.push(line.status);
    if (line.handling !== undefined) this.handling = line.handling;
    if (line.done !== undefined) {
      this.done = line.done;
      this.elapsedMs = this.sinceStartMs;
    }
    this.emit("change");
  }

  die(why: string): void {
    if (this.done !== undefined) return;
    this.died = why;
    this.emit("change");
  }

  countOf(status: string): number {
    return this.statuses.filter(({ kind }) => kind === status).length;
  }
}
