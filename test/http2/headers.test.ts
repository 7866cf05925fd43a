import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeaderDecoder } from "../../src/http2/header-decoder.ts";
import { headerBlock } from "../../src/http2/header-encoder.ts";
import type { HeaderField } from "../../src/http2/header-table.ts";
import { areTrailers, requestHead } from "../../src/http2/request-head.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const decoder = (): HeaderDecoder => new HeaderDecoder(64 * 1024);

/** The examples of RFC 7541, appendix C: three requests, then three responses, each list on one connection. */
const examples = {
  "C.3, without Huffman": [
    ["8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", ":authority www.example.com"],
    ["8286 84be 5808 6e6f 2d63 6163 6865", "cache-control no-cache"],
    ["8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65", "custom-key custom-value"],
  ],
  "C.4, with Huffman": [
    ["8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", ":authority www.example.com"],
    ["8286 84be 5886 a8eb 1064 9cbf", "cache-control no-cache"],
    ["8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", "custom-key custom-value"],
  ],
} as const;

describe("a header block", () => {
  it.each(Object.entries(examples))("is read as in RFC 7541, %s", (_, blocks) => {
    const reader = decoder();
    for (const [block, last] of blocks) {
      expect(reader.decode(hex(block)).fields.at(-1)?.join(" ")).toBe(last);
    }
  });

  it("gives the second request of C.4 whole, the name of the host from the table", () => {
    const reader = decoder();
    reader.decode(hex(examples["C.4, with Huffman"][0][0]));
    expect(reader.decode(hex(examples["C.4, with Huffman"][1][0])).fields).toEqual([
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/"],
      [":authority", "www.example.com"],
      ["cache-control", "no-cache"],
    ]);
  });

  it("that comes again says the same, until the table that it refers to has changed", () => {
    const reader = decoder();
    const block = hex("be");
    reader.decode(hex("40 01 61 01 31"));
    const list = reader.decode(block);
    expect(list.fields).toEqual([["a", "1"]]);
    expect(reader.decode(block)).toBe(list);
    reader.decode(hex("40 01 62 01 32"));
    expect(reader.decode(block).fields).toEqual([["b", "2"]]);
    reader.decode(hex("20"));
    expect(() => reader.decode(block)).toThrow(expect.objectContaining({ code: 9 }));
  });

  it("that adds to the table adds each time that it comes", () => {
    const reader = decoder();
    for (const value of ["31", "32", "32"]) reader.decode(hex(`40 01 61 01 ${value}`));
    expect(reader.decode(hex("be bf c0")).fields).toEqual([
      ["a", "2"],
      ["a", "2"],
      ["a", "1"],
    ]);
  });

  it("that was written is read back, whatever it says", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/).filter((text) => !/^(connection|upgrade)$/.test(text));
    const value = fc.stringMatching(/^[\x20-\x7e]{0,300}$/);
    fc.assert(
      fc.property(fc.dictionary(name, value), fc.integer({ min: 100, max: 599 }), (headers, status) => {
        const { fields } = decoder().decode(Buffer.from(headerBlock(status, headers)));
        expect(fields).toEqual([[":status", String(status)], ...Object.entries(headers)]);
      }),
    );
  });

  it.each([
    ["an index of nothing", "80"],
    ["an index beyond the tables", "ff 00"],
    ["a text that is cut off", "40 0a 63 75"],
    ["a number without end", "ff ff ff ff ff ff ff"],
    ["padding that is not all ones", "00 81 00 81 00"],
    ["padding of a whole byte", "00 81 ff 01 61"],
    ["a table larger than allowed", "3f e2 1f"],
    ["a change of the table after a field", "82 20"],
  ])("with %s is refused", (_, block) => {
    expect(() => decoder().decode(hex(block))).toThrow(expect.objectContaining({ code: 9 }));
  });

  it("never does anything but give fields or be refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decoder().decode(Buffer.from(bytes));
        } catch (error) {
          expect(error).toMatchObject({ code: 9 });
        }
      }),
    );
  });

  it("larger than the limit keeps what is within it, and the table right", () => {
    const reader = new HeaderDecoder(100);
    const first = headerBlock(undefined, { a: "x".repeat(40), b: "y".repeat(40) });
    const list = reader.decode(Buffer.from(first));
    expect(list.isTooLarge).toBe(true);
    expect(list.fields).toEqual([["a", "x".repeat(40)]]);
  });
});

describe("a request's head", () => {
  const headOf = (fields: HeaderField[]) => requestHead({ fields, isTooLarge: false });
  const pseudo = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", "/x"],
    [":authority", "host"],
  ] as const;

  it("joins what was sent in several fields", () => {
    const head = headOf([...pseudo, ["cookie", "a=1"], ["cookie", "b=2"], ["accept", "x"], ["accept", "y"]]);
    expect(head?.headers).toMatchObject({ cookie: "a=1; b=2", accept: "x, y" });
    expect(head).toMatchObject({ method: "POST", path: "/x", authority: "host", contentLength: undefined });
  });

  it.each([
    ["without a method", pseudo.slice(1)],
    ["without a path", [...pseudo.slice(0, 2), [":path", ""]]],
    ["with a pseudo-header twice", [...pseudo, [":path", "/y"]]],
    ["with a pseudo-header after others", [["a", "b"], ...pseudo]],
    ["with an unknown pseudo-header", [...pseudo, [":status", "200"]]],
    ["with an upper-case name", [...pseudo, ["Accept", "x"]]],
    ["with a header of HTTP/1 connections", [...pseudo, ["transfer-encoding", "chunked"]]],
    ["with te other than trailers", [...pseudo, ["te", "gzip"]]],
    ["with a line break in a value", [...pseudo, ["a", "b\r\nc: d"]]],
    ["with two lengths", [...pseudo, ["content-length", "1"], ["content-length", "2"]]],
    ["with a length that is no number", [...pseudo, ["content-length", "1e3"]]],
  ] as [string, [string, string][]][])("%s is malformed", (_, fields) => {
    expect(headOf(fields)).toBeUndefined();
  });

  it("has no pseudo-header among its trailers", () => {
    expect(areTrailers([["grpc-status", "0"]])).toBe(true);
    expect(areTrailers([[":path", "/"]])).toBe(false);
  });
});
