/**
 * Opens what compression.ts made. A frame whose only block is stored as it is needs no decompressor, which takes longer to
 * make than most of them are.
 */
import { zstdDecompressSync } from "node:zlib";

const magic = 0xfd2fb528;
/** A single segment without a checksum, its size in one byte or in two. RFC 8878, section 3.1.1.1. */
const sizeInOne = 0x20;
const sizeInTwo = 0x60;
const magicBytes = 4;
const blockHeadBytes = 3;
/** The last block, raw. */
const lastRaw = 1;

/** The bytes that were compressed: a part of what is given, or bytes of their own. */
export function decompress(frame: Uint8Array): Buffer {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
  const start = rawStart(bytes);
  return start === undefined ? zstdDecompressSync(bytes) : bytes.subarray(start);
}

/** Where the content begins if there is one block and it is raw. */
function rawStart(frame: Buffer): number | undefined {
  if (frame.length < magicBytes + 2 + blockHeadBytes || frame.readUInt32LE(0) !== magic) return undefined;
  const form = frame[magicBytes];
  if (form !== sizeInOne && form !== sizeInTwo) return undefined;
  const blockHeadAt = magicBytes + 1 + (form === sizeInOne ? 1 : 2);
  const blockHead = frame.readUIntLE(blockHeadAt, blockHeadBytes);
  const start = blockHeadAt + blockHeadBytes;
  return (blockHead & 7) === lastRaw && blockHead >> 3 === frame.length - start ? start : undefined;
}
