/** Whether a command printed what its page shows. */

/** The last line of a shown output whose command goes on until the reader ends it. */
export const interrupt = "^C";

export interface Shown {
  lines: string[];
  /** Whether the command goes on for ever, and the reader ends it with Ctrl-C. */
  isInterrupted: boolean;
}

export function shown(text: string): Shown {
  const lines = text.split("\n");
  const isInterrupted = lines.at(-1) === interrupt;
  return { lines: isInterrupted ? lines.slice(0, -1) : lines, isInterrupted };
}

/** What differs from run to run: the epoch of a cursor, and times. */
function comparable(line: string): string {
  return line
    .replaceAll(/\b[0-9a-f]{8}-(?=\d+\b)/g, "EPOCH-")
    .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/\b\d\d:\d\d:\d\d(?:\.\d+)?\b/g, "TIME")
    .trimEnd();
}

/** A line `...` stands for any number of lines; `...` within a line for any text. */
export function matches(expected: readonly string[], printed: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return printed.length === 0;
  if (first === "...") return printed.some((_, index) => matches(rest, printed.slice(index))) || rest.length === 0;
  return printed.length > 0 && isLike(first, printed[0]!) && matches(rest, printed.slice(1));
}

function isLike(expected: string, printed: string): boolean {
  const parts = comparable(expected)
    .split("...")
    .map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join(".*")}$`).test(comparable(printed));
}
