/**
 * The stored positions of a block: a Float64 with the first event's received time in milliseconds, then for each event three
 * u32: offset minus the block's first, end of its frame, received time minus the first's. Little-endian.
 */
import type { EncodedBlock } from "../block.ts";

export type Positions = Pick<EncodedBlock, "offsets" | "receivedMs" | "frameEnds">;

export function encodePositions(block: Positions): Uint8Array {
  const count = block.offsets.length;
  const bytes = new Uint8Array(8 + 12 * count);
  new Float64Array(bytes.buffer, 0, 1)[0] = block.receivedMs[0]!;
  const words = new Uint32Array(bytes.buffer, 8);
  for (let i = 0; i < count; i++) {
    words[3 * i] = block.offsets[i]! - block.offsets[0]!;
    words[3 * i + 1] = block.frameEnds[i]!;
    words[3 * i + 2] = block.receivedMs[i]! - block.receivedMs[0]!;
  }
  return bytes;
}

export function decodePositions(stored: Uint8Array, firstOffset: number): Positions {
  const bytes = stored.byteOffset % 8 === 0 ? stored : stored.slice();
  const firstMs = new Float64Array(bytes.buffer, bytes.byteOffset, 1)[0]!;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + 8, (bytes.length - 8) / 4);
  const count = words.length / 3;
  const offsets = new Float64Array(count);
  const receivedMs = new Float64Array(count);
  const frameEnds = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    offsets[i] = firstOffset + words[3 * i]!;
    frameEnds[i] = words[3 * i + 1]!;
    receivedMs[i] = firstMs + words[3 * i + 2]!;
  }
  return { offsets, receivedMs, frameEnds };
}
