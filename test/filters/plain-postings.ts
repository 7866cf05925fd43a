/** Postings made the plain way, a list of ordinals for each key: what the builder's bytes are compared with. */
import type { BlockKeys } from "../../src/filters/block-keys.ts";
import { hashedKey, pageOf, pagesPerSegment } from "../../src/filters/postings.ts";

export function plainPostings(blocks: readonly BlockKeys[]): Buffer[] {
  const ordinals = new Map<string, number[]>();
  let events = 0;
  for (const { table, starts, ids } of blocks) {
    for (let event = 1; event < starts.length; event++, events++) {
      for (const id of ids.subarray(starts[event - 1]!, starts[event])) {
        const list = ordinals.get(table[id]!);
        if (list === undefined) ordinals.set(table[id]!, [events]);
        else list.push(events);
      }
    }
  }
  const entries = [...ordinals].map(([text, list]) => ({ ...hashedKey(text), list }));
  entries.sort((a, b) => a.hash - b.hash);
  return Array.from({ length: pagesPerSegment }, (_, page) => {
    const own = entries.filter(({ hash }) => pageOf(hash) === page);
    const bodies = own.map(({ bytes, list }) => Buffer.concat([u32(bytes.length), bytes, posting(list, events)]));
    const ends = bodies.map((_, index) => u32(bodies.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0)));
    return Buffer.concat([u32(own.length), ...own.map(({ hash }) => u32(hash)), ...ends, ...bodies]);
  });
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function posting(ordinals: readonly number[], events: number): Buffer {
  if (ordinals.length === events) return Buffer.of(0);
  const bitmap = Buffer.alloc(Math.ceil(events / 8));
  for (const ordinal of ordinals) bitmap[ordinal >> 3]! |= 1 << (ordinal & 7);
  const list = Buffer.from(ordinals.flatMap((ordinal) => [ordinal & 0xff, ordinal >> 8]));
  return list.length <= bitmap.length ? Buffer.concat([Buffer.of(1), list]) : Buffer.concat([Buffer.of(2), bitmap]);
}
