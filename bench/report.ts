/** How results are printed. */
import { type Ratio, type Rounds, type Spread, summarise } from "./summary.ts";

export function format(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function line(what: string, { median, min, max }: Spread, unit = ""): string {
  return `    ${what.padEnd(58)} ${(format(median) + unit).padStart(12)}   (${format(min)} to ${format(max)})`;
}

export function printRounds({ name, rounds }: Rounds): void {
  console.log(`  ${name}`);
  for (const [figure, figures] of Object.entries(summarise(rounds))) console.log(line(figure, figures));
}

export function printRatios(all: readonly Ratio[]): void {
  if (all.length === 0) return;
  console.log("  times better than the peer, round by round");
  for (const ratio of all) console.log(line(`${ratio.own} : ${ratio.peer}, ${ratio.figure}`, ratio, " ×"));
}

/** What must not be overlooked. */
export function loudly(text: string): void {
  console.log(`!! ${text}`);
}
