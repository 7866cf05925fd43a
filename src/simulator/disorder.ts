import type { Random } from "./random.ts";
import type { Step } from "./story.ts";

/**
 * Lets some steps trade places with the next one. The times stay with the places, and so does the freeing of agents: a
 * step after which an agent leaves keeps its place, else the agent would be named while on another session.
 */
export function swapSomeSteps(steps: readonly Step[], probability: number, random: Random): readonly Step[] {
  const swapped = [...steps];
  for (let index = 0; index + 1 < swapped.length; index++) {
    const early = swapped[index]!;
    const late = swapped[index + 1]!;
    if (early.frees.length > 0 || !random.chance(probability)) continue;
    swapped[index] = { ...late, afterMs: early.afterMs, frees: early.frees };
    swapped[index + 1] = { ...early, afterMs: late.afterMs, frees: late.frees };
    index++;
  }
  return swapped;
}
