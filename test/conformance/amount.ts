/** How cases say what they expect of a value: as much of it as matters, with bounds and patterns in place of values. */

export interface Amount {
  at_least?: number | undefined;
  at_most?: number | undefined;
}

export function describeAmount(expected: number | Amount): string {
  if (typeof expected === "number") return String(expected);
  const { at_least: least, at_most: most } = expected;
  return [least === undefined ? [] : [`at least ${least}`], most === undefined ? [] : [`at most ${most}`]]
    .flat()
    .join(", ");
}

export function isAmount(expected: number | Amount, actual: number): boolean {
  if (typeof expected === "number") return actual === expected;
  return (
    actual >= (expected.at_least ?? Number.NEGATIVE_INFINITY) &&
    actual <= (expected.at_most ?? Number.POSITIVE_INFINITY)
  );
}

/**
 * Every way in which `actual` is not as `expected` says, each with its path. An object names the members that matter, and
 * may be `{absent: true}`, `{pattern: text}`, `{one_of: [...]}`, `{set: [...]}`, `{at_least, at_most}` or `{length: n}` instead.
 */
export function differences(expected: unknown, actual: unknown, path: string): string[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path} is ${show(actual)}, not a list`];
    const counted =
      actual.length === expected.length ? [] : [`${path} has ${actual.length} entries, not ${expected.length}`];
    return [...counted, ...expected.flatMap((item, index) => differences(item, actual[index], `${path}[${index}]`))];
  }
  if (typeof expected !== "object" || expected === null) {
    return Object.is(expected, actual) ? [] : [`${path} is ${show(actual)}, not ${show(expected)}`];
  }
  return special(expected, actual, path) ?? members(expected, actual, path);
}

function special(expected: object, actual: unknown, path: string): string[] | undefined {
  if ("absent" in expected) return actual === undefined ? [] : [`${path} is ${show(actual)} and should be absent`];
  if ("pattern" in expected) {
    const isMatch = typeof actual === "string" && new RegExp(String(expected.pattern)).test(actual);
    return isMatch ? [] : [`${path} is ${show(actual)}, which does not match ${String(expected.pattern)}`];
  }
  if ("one_of" in expected) {
    const choices = expected.one_of as unknown[];
    return choices.includes(actual) ? [] : [`${path} is ${show(actual)}, none of ${show(choices)}`];
  }
  if ("set" in expected) {
    const sorted = (list: unknown): unknown => (Array.isArray(list) ? [...list].sort() : list);
    return differences(sorted(expected.set), sorted(actual), path);
  }
  if ("length" in expected) {
    const { length } = (actual ?? []) as { length: number };
    return length === expected.length ? [] : [`${path} has ${length} entries, not ${String(expected.length)}`];
  }
  if ("at_least" in expected || "at_most" in expected) {
    const bounds = expected as Amount;
    const isWithin = typeof actual === "number" && isAmount(bounds, actual);
    return isWithin ? [] : [`${path} is ${show(actual)}, not ${describeAmount(bounds)}`];
  }
  return undefined;
}

function members(expected: object, actual: unknown, path: string): string[] {
  if (typeof actual !== "object" || actual === null) return [`${path} is ${show(actual)}, not ${show(expected)}`];
  return Object.entries(expected).flatMap(([key, value]) =>
    differences(value, (actual as Record<string, unknown>)[key], path === "" ? key : `${path}.${key}`),
  );
}

export function show(value: unknown): string {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
