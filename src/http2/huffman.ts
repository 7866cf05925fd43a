/**
 * The Huffman code of header texts (RFC 7541, appendix B). The code is canonical: the lengths of the symbols' codes, in the
 * symbols' order, say it whole. Texts are read four bits at a time by a table of states.
 */
import { ConnectionError, errorCode } from "./frame.ts";

/** Length of each symbol's code in bits; the last symbol is the end of text, which never occurs in one. */
const codeLengths: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
];
const endOfText = 256;

interface Node {
  zero?: Node;
  one?: Node;
  symbol?: number;
  /** Its number as a state; inner nodes only. */
  state?: number;
  /** Whether a text may end here: fewer than eight bits since the last symbol, all ones. */
  mayEnd: boolean;
}

function buildTree(): Node {
  const root: Node = { mayEnd: true };
  const symbols = codeLengths.map((length, symbol) => ({ length, symbol }));
  symbols.sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  let code = 0;
  let codeLength = 0;
  for (const { length, symbol } of symbols) {
    code *= 2 ** (length - codeLength);
    codeLength = length;
    let node = root;
    for (let bit = length - 1; bit >= 0; bit--) {
      const isOne = Math.floor(code / 2 ** bit) % 2 === 1;
      const mayEnd = node.mayEnd && isOne && length - bit < 8;
      const next = isOne ? (node.one ??= { mayEnd }) : (node.zero ??= { mayEnd: false });
      node = next;
    }
    node.symbol = symbol;
    code++;
  }
  return root;
}

const invalid = -1;
const nothing = -1;

/** Of each state and four bits: the next state, and the symbol that they complete. No code has fewer than five bits. */
const { nextState, completed, mayEndIn } = (() => {
  const root = buildTree();
  const states: Node[] = [];
  const number = (node: Node | undefined): void => {
    if (node === undefined || node.symbol !== undefined) return;
    node.state = states.push(node) - 1;
    number(node.zero);
    number(node.one);
  };
  number(root);
  const nexts = new Int16Array(16 * states.length);
  const symbols = new Int16Array(16 * states.length).fill(nothing);
  for (let entry = 0; entry < nexts.length; entry++) {
    let node = states[entry >> 4]!;
    for (let bit = 3; bit >= 0; bit--) {
      node = ((entry >> bit) & 1) === 1 ? node.one! : node.zero!;
      if (node.symbol === undefined) continue;
      symbols[entry] = node.symbol;
      node = root;
    }
    nexts[entry] = symbols[entry] === endOfText ? invalid : node.state!;
  }
  return { nextState: nexts, completed: symbols, mayEndIn: states.map(({ mayEnd }) => mayEnd) };
})();

/** Longest text for the bytes: no symbol has fewer than five bits. */
let scratch = Buffer.allocUnsafe(1_024);

/** @throws ConnectionError COMPRESSION_ERROR */
export function huffmanText(bytes: Buffer, start: number, end: number): string {
  if (scratch.length < 2 * (end - start)) scratch = Buffer.allocUnsafe(2 * (end - start));
  let length = 0;
  let state = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    for (let half = 0; half < 2; half++) {
      const entry = state * 16 + (half === 0 ? byte >> 4 : byte & 15);
      const symbol = completed[entry]!;
      state = nextState[entry]!;
      if (state === invalid) throw new ConnectionError(errorCode.compressionError, "a header text with an end of text");
      if (symbol !== nothing) scratch[length++] = symbol;
    }
  }
  if (!mayEndIn[state]) throw new ConnectionError(errorCode.compressionError, "a header text with wrong padding");
  return scratch.toString("latin1", 0, length);
}
