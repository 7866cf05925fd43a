/** Bodies that no gateway may take for an event. */
import type { Random } from "./random.ts";

export interface Garbage {
  /** The kind of damage: `garbage-truncated`. */
  what: string;
  body: string;
}

type Maker = (body: string, random: Random) => string;

/** The two examples that are malformed as published: an opening brace is missing, a backslash stands after a comma. */
const withoutOpeningBrace: Maker = (body) => body.slice(1);
const strayBackslash: Maker = (body) => body.replace(",", ",\\");

const wrongTypes: readonly string[] = [
  '{"type":"CallState","item":"846802bf90d1"}',
  '{"type":"CallState","item":{"CallID":{"id":1},"State":"held"}}',
  '{"count":1,"events":"846802bf90d1"}',
  '"connected"',
  "null",
  "42",
];

const noise: Maker = (_body, random) =>
  String.fromCharCode(...Array.from({ length: random.int(8, 64) }, () => random.int(1, 31)), 0xfffd);

const makers: readonly (readonly [what: string, make: Maker])[] = [
  ["garbage-truncated", (body, random) => body.slice(0, random.int(1, body.length - 1))],
  ["garbage-no-opening-brace", withoutOpeningBrace],
  ["garbage-stray-backslash", strayBackslash],
  ["garbage-wrong-type", (_body, random) => random.choose(wrongTypes)],
  ["garbage-unknown-type", () => '{"type":"QueueState","item":{"QueueID":3,"State":"open"}}'],
  ["garbage-empty", (_body, random) => random.choose(["", "{}", "[]", '{"count":0,"events":[]}'])],
  ["garbage-noise", noise],
];

/** Damages a good body, or makes something that never was one. */
export function garbage(goodBody: string, random: Random): Garbage {
  const [what, make] = random.choose(makers);
  return { what, body: make(goodBody, random) };
}
