/** Makes the stored keys of one block from those of several. */
import { emptyBlockKeys, openBlockKeys } from "./block-keys.ts";
import { KeyNumbers } from "./key-numbers.ts";
import { WordList } from "./word-list.ts";

const numbers = new KeyNumbers();
const ids = new WordList(1 << 14);

/** The stored keys of consecutive blocks as those of one. */
export function mergeBlockKeys(stored: readonly Uint8Array[]): Uint8Array {
  numbers.clear();
  ids.clear();
  const blocks = stored.map(openBlockKeys);
  for (const block of blocks) numbers.append(block, ids);
  const events = blocks.reduce((sum, { starts }) => sum + starts.length - 1, 0);
  const { bytes, to } = emptyBlockKeys(events, ids.length, numbers.tableBytes);
  to.ids.set(ids.values.subarray(0, ids.length));
  numbers.writeTable(to.table);
  let [at, originsAt, idsBefore] = [0, 0, 0];
  for (const { starts, origins } of blocks) {
    to.origins.set(origins, originsAt);
    originsAt += origins.length;
    for (let event = 1; event < starts.length; event++) to.starts[++at] = idsBefore + starts[event]!;
    idsBefore += starts.at(-1)!;
  }
  return bytes;
}
