/** Medians, spread and ratios of what the rounds gave. */
import type { Better, Figures } from "./workload.ts";

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The rounds of one measurement; a round that failed has no entry in any measurement's ratios. */
export interface Rounds {
  name: string;
  own: boolean;
  /** By round; undefined where it failed. */
  rounds: (Figures | undefined)[];
}

export interface Ratio extends Spread {
  own: string;
  peer: string;
  figure: string;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** The spread of each figure. */
export function summarise(rounds: readonly (Figures | undefined)[]): Record<string, Spread> {
  const values = new Map<string, number[]>();
  for (const figures of rounds) {
    for (const [figure, value] of Object.entries(figures ?? {})) {
      if (!values.has(figure)) values.set(figure, []);
      values.get(figure)!.push(value);
    }
  }
  return Object.fromEntries([...values].map(([figure, all]) => [figure, spread(all)]));
}

/** How many times better the gateway is than each peer, round by round: what both had in the same minute. */
export function ratios(all: readonly Rounds[], compared: Readonly<Record<string, Better>>): Ratio[] {
  const result: Ratio[] = [];
  for (const ours of all.filter(({ own }) => own)) {
    for (const theirs of all.filter(({ own }) => !own)) {
      for (const [figure, better] of Object.entries(compared)) {
        const values = ours.rounds.flatMap((figures, round) => {
          const [mine, other] = [figures?.[figure], theirs.rounds[round]?.[figure]];
          if (mine === undefined || other === undefined || mine <= 0 || other <= 0) return [];
          return [better === "more" ? mine / other : other / mine];
        });
        if (values.length > 0) result.push({ own: ours.name, peer: theirs.name, figure, ...spread(values) });
      }
    }
  }
  return result;
}
