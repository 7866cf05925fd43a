/** The faults still to come, one after the other: each is counted from the moment when the one before it happened. */
import type { Fault, FaultMoment } from "./fault.ts";

export class FaultPlan {
  readonly #faults: Fault[];
  #next = 0;
  /** What has passed since the last fault. */
  #count = 0;

  constructor(faults: readonly Fault[]) {
    this.#faults = [...faults];
  }

  /** How many are still to come. */
  get left(): number {
    return this.#faults.length - this.#next;
  }

  add(faults: readonly Fault[]): void {
    this.#faults.push(...faults);
  }

  /** A moment has come; gives the fault that is due at it. */
  meet(moment: FaultMoment["at"]): Fault | undefined {
    const fault = this.#faults[this.#next];
    if (fault === undefined || fault.at !== moment) return undefined;
    this.#count++;
    return this.#count < fault.nth ? undefined : this.#fire(fault);
  }

  /** How many of the bytes that are about to pass may, before a fault that counts bytes is due. */
  bytesUntilFault(): number {
    const fault = this.#faults[this.#next];
    return fault?.at === "bytes" ? fault.nth - this.#count : Number.POSITIVE_INFINITY;
  }

  /** Bytes have passed; gives the fault that is due after them. */
  passed(bytes: number): Fault | undefined {
    const fault = this.#faults[this.#next];
    if (fault?.at !== "bytes") return undefined;
    this.#count += bytes;
    return this.#count < fault.nth ? undefined : this.#fire(fault);
  }

  #fire(fault: Fault): Fault {
    this.#next++;
    this.#count = 0;
    return fault;
  }
}
