/** What is stored compressed is zstd that any reader of it opens, also where nothing is gained by compressing. */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { compress, compressForNow, decompress } from "../../src/log/compression.ts";

const lengths = fc.oneof(
  fc.nat({ max: 20_000 }),
  fc.constantFrom(0, 1, 255, 256, 257, 511, 512, 2_047, 2_048, 16_383, 16_384),
);

it.each([compress, compressForNow])("opens to what it was: %o", (by) => {
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 255 }), (length, step) => {
      const bytes = Uint8Array.from({ length }, (_, index) => index * step);
      expect(Buffer.from(zstdDecompressSync(by(bytes))).equals(bytes)).toBe(true);
      expect(decompress(by(bytes)).equals(bytes)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it("makes what repeats itself smaller, and takes no more than a dozen bytes for what is small", () => {
  expect(compress(new Uint8Array(10_000)).length).toBeLessThan(100);
  expect(compressForNow(new Uint8Array(100_000)).length).toBeLessThan(100);
  for (let length = 0; length < 3_000; length++) {
    expect(compress(new Uint8Array(length)).length).toBeLessThanOrEqual(length + 12);
    expect(compressForNow(new Uint8Array(5 * length)).length).toBeLessThanOrEqual(5 * length + 12);
  }
});

it("opens what zstd itself made, with a checksum and without, whether it could be compressed or not", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.nat(500), fc.constantFrom(0, 1), (bytes, times, checksum) => {
      const content = Buffer.concat([bytes, Buffer.alloc(times, "repeated")]);
      const frame = zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: checksum } });
      expect(decompress(frame).equals(content)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it("refuses what is cut off", () => {
  const frame = compress(Buffer.from("some bytes of a session"));
  for (let length = 1; length < frame.length; length++) {
    expect(() => decompress(frame.subarray(0, length))).toThrow();
  }
});
