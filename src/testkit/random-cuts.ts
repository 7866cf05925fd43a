/** Cuts at random moments, the same for the same seed. */
import { Random } from "../simulator/random.ts";
import type { Fault } from "./fault.ts";

export interface RandomCuts {
  seed: number;
  count: number;
  /** Bytes that pass between two cuts, at least and at most. */
  minBytes: number;
  maxBytes: number;
  /** Whether a connection that follows one which brought nothing is spared until it has brought something. Default: it is not. */
  sparing?: boolean;
}

/** One in ten comes at once with the next connection, so that reconnecting is cut too. */
const atConnectShare = 0.1;

export function randomCuts({ seed, count, minBytes, maxBytes, sparing = false }: RandomCuts): Fault[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (): Fault => {
    const action = random.chance(0.5) ? "cut" : "reset";
    if (random.chance(atConnectShare)) return { do: action, at: "connect", nth: 1, sparing };
    return { do: action, at: "bytes", nth: random.int(minBytes, maxBytes), sparing };
  });
}
