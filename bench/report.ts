/** How results are printed. */
import { type Ratio, type Rounds, type Spread, summarise } from "./summary.ts";

/** Three digits that mean something, and no more than that after the point. */
export function format(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return Math.abs(value) >= 1 ? value.toFixed(Math.abs(value) >= 10 ? 1 : 2) : value.toPrecision(2);
}

function lines(all: readonly (readonly [string, Spread])[], unit: string): string[] {
  const width = Math.max(...all.map(([what]) => what.length));
  return all.map(([what, { median, min, max }]) => {
    const value = (format(median) + unit).padStart(10 + unit.length);
    return `    ${what.padEnd(width)} ${value}   (${format(min)} to ${format(max)})`;
  });
}

export function printRounds({ name, rounds }: Rounds): void {
  console.log(`  ${name}`);
  for (const text of lines(Object.entries(summarise(rounds)), "")) console.log(text);
}

export function printRatios(all: readonly Ratio[]): void {
  if (all.length === 0) return;
  console.log("  times better than the peer, round by round");
  const named = all.map((ratio) => [`${ratio.own} : ${ratio.peer} | ${ratio.figure}`, ratio] as const);
  for (const text of lines(named, " ×")) console.log(text);
}

/** What must not be overlooked. */
export function loudly(text: string): void {
  console.log(`!! ${text}`);
}
