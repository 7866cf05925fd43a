/** How stored blocks are compressed: at the fastest level, since commits wait for it; blocks repeat themselves enough. */
import { constants, zstdCompressSync } from "node:zlib";

const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function compress(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, options);
}
