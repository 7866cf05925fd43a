/** Faults of a connection: what happens, and at which moment of the traffic. */

/**
 * - `cut`: both ends see the connection closed (FIN).
 * - `reset`: both ends see it broken (RST).
 * - `stall`: nothing passes any more in either direction, and nobody is told.
 * - `half-open`: the gateway sees the consumer gone; the consumer sees an open connection that is silent for ever.
 * - `delay`: the bytes wait for so long.
 */
export type FaultAction = { do: "cut" | "reset" | "stall" | "half-open" } | { do: "delay"; ms: number };

/** When, counted in what passes towards the consumer since the previous fault. `nth` counts from 1. */
export type FaultMoment =
  /** A connection is opened; nothing has passed. */
  | { at: "connect"; nth: number }
  /** Before the headers of an answer. */
  | { at: "headers"; nth: number }
  /** Half of a message has passed. */
  | { at: "mid-message"; nth: number }
  /** All of a message has passed. */
  | { at: "message"; nth: number }
  /** After the last message of an answer, before its trailers. */
  | { at: "trailers"; nth: number }
  /** So many bytes have passed, wherever that is. */
  | { at: "bytes"; nth: number };

/**
 * `sparing`: when the last connection was broken before it had brought more than a first message, it waits until this one has.
 * Without that, answers that are larger than the bytes between two cuts would never come through.
 */
export type Fault = FaultAction & FaultMoment & { sparing?: boolean };

const actions = ["cut", "reset", "stall", "half-open"] as const;
const moments = ["connect", "headers", "mid-message", "message", "trailers", "bytes"] as const;
const shape = /^(?<action>[a-z-]+)(?:=(?<ms>\d+)ms)?@(?<moment>[a-z-]+)(?::(?<nth>\d+))?$/;

export const faultSyntax = `ACTION@MOMENT[:N] with an action of ${actions.join(", ")}, delay=200ms, and a moment of ${moments.join(", ")}`;

/** Reads `reset@message:3`, `delay=200ms@headers`. @throws RangeError that says what is wrong */
export function parseFault(text: string): Fault {
  const { action, ms, moment, nth } = shape.exec(text)?.groups ?? {};
  const at = moments.find((word) => word === moment);
  const when = at === undefined ? undefined : { at, nth: Number(nth ?? 1) };
  if (when === undefined || when.nth < 1) throw new RangeError(`"${text}" is no fault: it takes ${faultSyntax}.`);
  const plain = actions.find((word) => word === action);
  if (plain !== undefined && ms === undefined) return { do: plain, ...when };
  if (action === "delay" && ms !== undefined) return { do: "delay", ms: Number(ms), ...when };
  throw new RangeError(`"${text}" is no fault: it takes ${faultSyntax}.`);
}

/** The fault in the words that `parseFault` reads. */
export function formatFault(fault: Fault): string {
  const action = fault.do === "delay" ? `delay=${fault.ms}ms` : fault.do;
  return `${action}@${fault.at}:${fault.nth}`;
}
