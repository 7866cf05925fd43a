/**
 * How stored blocks are compressed: at the fastest level, since commits wait for it; blocks repeat themselves enough. What is small is
 * a zstd frame too, of one block that is stored as it is: that needs neither a compressor nor a decompressor, which take longer to
 * make than most of them are.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** What has less costs more to compress than it takes on the disk. */
const compressedFromBytes = 2_048;
/** The same of what is merged into larger blocks, and compressed, some time later. */
const compressedNowFromBytes = 16_384;

export function compress(bytes: Uint8Array): Uint8Array {
  return compressFrom(compressedFromBytes, bytes);
}

/** For what lasts until it is merged into a larger block. */
export function compressForNow(bytes: Uint8Array): Uint8Array {
  return compressFrom(compressedNowFromBytes, bytes);
}

function compressFrom(fromBytes: number, bytes: Uint8Array): Uint8Array {
  return bytes.length < fromBytes ? asFrame(bytes) : zstdCompressSync(bytes, options);
}

const magic = [0x28, 0xb5, 0x2f, 0xfd];
/** A single segment without a checksum, its size in one byte, or in two and less by 256. RFC 8878, section 3.1.1.1. */
const sizeInOne = 0x20;
const sizeInTwo = 0x60;
const oneByteSizes = 256;
const blockHeadBytes = 3;
/** The last block, raw. */
const lastRaw = 1;

/** The zstd frame of one block that is stored as it is. */
function asFrame(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const isShort = length < oneByteSizes;
  const size = length - oneByteSizes;
  const head = isShort ? [...magic, sizeInOne, length] : [...magic, sizeInTwo, size & 0xff, size >> 8];
  const blockHead = (length << 3) | lastRaw;
  const frame = new Uint8Array(head.length + blockHeadBytes + length);
  frame.set(head);
  frame.set([blockHead & 0xff, (blockHead >> 8) & 0xff, blockHead >> 16], head.length);
  frame.set(bytes, head.length + blockHeadBytes);
  return frame;
}

/** The bytes that were compressed: a part of what is given, or bytes of their own. */
export function decompress(frame: Uint8Array): Buffer {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
  const start = rawStart(bytes);
  return start === undefined ? zstdDecompressSync(bytes) : bytes.subarray(start);
}

/** Where the content begins if there is one block and it is raw. */
function rawStart(frame: Buffer): number | undefined {
  if (frame.length < magic.length + 2 + blockHeadBytes || magic.some((byte, at) => frame[at] !== byte))
    return undefined;
  const form = frame[magic.length];
  if (form !== sizeInOne && form !== sizeInTwo) return undefined;
  const blockHeadAt = magic.length + 1 + (form === sizeInOne ? 1 : 2);
  const blockHead = frame.readUIntLE(blockHeadAt, blockHeadBytes);
  const start = blockHeadAt + blockHeadBytes;
  return (blockHead & 7) === lastRaw && blockHead >> 3 === frame.length - start ? start : undefined;
}
