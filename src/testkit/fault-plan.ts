/** The faults still to come, one after the other: each is counted from the moment when the one before it happened. */
import type { Fault, FaultMoment } from "./fault.ts";

export class FaultPlan {
  readonly #faults: Fault[];
  #next = 0;
  /** What has passed since the last fault. */
  #count = 0;
  /** The last connection was broken before it had brought anything. */
  #isBarren = false;

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
    if (fault === undefined || fault.at !== moment || this.#spares(fault)) return undefined;
    this.#count++;
    return this.#count < fault.nth ? undefined : this.#fire(fault, false);
  }

  /**
   * How many of the bytes that are about to pass may, before a fault that counts bytes is due.
   * @param hasBrought whether the connection has brought more than a first message
   */
  bytesUntilFault(hasBrought: boolean): number {
    const fault = this.#faults[this.#next];
    if (fault?.at !== "bytes" || (this.#spares(fault) && !hasBrought)) return Number.POSITIVE_INFINITY;
    return Math.max(1, fault.nth - this.#count);
  }

  /** Bytes have passed; gives the fault that is due after them. */
  passed(bytes: number, hasBrought: boolean): Fault | undefined {
    if (hasBrought) this.#isBarren = false;
    const fault = this.#faults[this.#next];
    if (fault?.at !== "bytes") return undefined;
    this.#count += bytes;
    return this.#count < fault.nth || this.#spares(fault) ? undefined : this.#fire(fault, hasBrought);
  }

  #spares({ sparing }: Fault): boolean {
    return sparing === true && this.#isBarren;
  }

  #fire(fault: Fault, hasBrought: boolean): Fault {
    this.#next++;
    this.#count = 0;
    this.#isBarren = !hasBrought;
    return fault;
  }
}
