/**
 * The prefixes of queue name paths. Queues are few and occur again and again: each prefix is put together once and then given
 * as the very same string, whose hash is known to every map.
 */
interface Prefix {
  text: string;
  longer: Map<string, Prefix>;
}

/** Paths are the sender's: what is remembered starts over when it is too much, in characters. */
const maxRemembered = 4 * 1024 * 1024;
/** What a prefix takes besides its text, about. */
const prefixLength = 200;

let root: Prefix = { text: "", longer: new Map() };
let size = 0;

function extend(prefix: Prefix, name: string): Prefix {
  const longer = { text: prefix.text === "" ? name : `${prefix.text}/${name}`, longer: new Map<string, Prefix>() };
  prefix.longer.set(name, longer);
  size += longer.text.length + prefixLength;
  return longer;
}

/** Gives every prefix of a path: `support`, `support/orders`, ... */
export function eachQueuePrefix(path: readonly string[], give: (prefix: string) => void): void {
  if (size > maxRemembered) {
    root = { text: "", longer: new Map() };
    size = 0;
  }
  let prefix = root;
  for (const name of path) {
    prefix = prefix.longer.get(name) ?? extend(prefix, name);
    give(prefix.text);
  }
}
