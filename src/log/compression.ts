/** How stored blocks are compressed: at the fastest level, since commits wait for it; blocks repeat themselves enough. */
import { constants, zstdCompressSync } from "node:zlib";

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
/** A single segment, its size in one byte, or in two and less by 256. RFC 8878, section 3.1.1.1. */
const sizeInOne = 0x20;
const sizeInTwo = 0x60;
const oneByteSizes = 256;
const blockHeadBytes = 3;

/** The zstd frame of one block that is stored as it is. */
function asFrame(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const isShort = length < oneByteSizes;
  const size = length - oneByteSizes;
  const head = isShort ? [...magic, sizeInOne, length] : [...magic, sizeInTwo, size & 0xff, size >> 8];
  // The last block, raw.
  const blockHead = (length << 3) | 1;
  const frame = new Uint8Array(head.length + blockHeadBytes + length);
  frame.set(head);
  frame.set([blockHead & 0xff, (blockHead >> 8) & 0xff, blockHead >> 16], head.length);
  frame.set(bytes, head.length + blockHeadBytes);
  return frame;
}
