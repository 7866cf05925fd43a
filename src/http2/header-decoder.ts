/** Reads header blocks (RFC 7541). One a connection, since blocks refer to what earlier ones said. */
import { ConnectionError, errorCode } from "./frame.ts";
import { DynamicTable, fieldSize, type HeaderField, staticTable } from "./header-table.ts";
import { huffmanText } from "./huffman.ts";

const nothing: Buffer = Buffer.alloc(0);
/** What the peer may have us remember. */
const maxTableBytes = 4_096;
/** A block up to this is told from the one before by its bytes. */
const comparedBytes = 256;

export interface HeaderList {
  fields: readonly HeaderField[];
  /** More than the limit was sent; what came after it is left out. */
  isTooLarge: boolean;
}

function malformed(what: string): ConnectionError {
  return new ConnectionError(errorCode.compressionError, `a header block ${what}`);
}

export class HeaderDecoder {
  readonly #table = new DynamicTable(maxTableBytes);
  readonly #maxListBytes: number;
  #bytes = nothing;
  #at = 0;
  /** It has changed the table, which it would do again. */
  #hasChanged = false;
  /** The block before, if it said the same when it came again. */
  #before: { block: Buffer; list: HeaderList } | undefined;

  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes;
  }

  /**
   * Requests of a client are mostly alike: for a block that is the same as the one before it gives the same list.
   *
   * @throws ConnectionError COMPRESSION_ERROR: the connection cannot go on, since later blocks build on this one
   */
  decode(block: Buffer): HeaderList {
    if (this.#before?.block.equals(block)) return this.#before.list;
    this.#hasChanged = false;
    const list = this.#list(block);
    const isSame = !this.#hasChanged && block.length <= comparedBytes;
    // A copy: it is a part of much that was received with it.
    this.#before = isSame ? { block: Buffer.from(block), list } : undefined;
    return list;
  }

  #list(block: Buffer): HeaderList {
    this.#bytes = block;
    this.#at = 0;
    const fields: HeaderField[] = [];
    let listBytes = 0;
    while (this.#at < block.length) {
      const field = this.#field(fields.length > 0);
      if (field === undefined) continue;
      listBytes += fieldSize(field);
      if (listBytes <= this.#maxListBytes) fields.push(field);
    }
    this.#bytes = nothing;
    return { fields, isTooLarge: listBytes > this.#maxListBytes };
  }

  /** Undefined for a change of the table's size, which stands before all fields. */
  #field(hasBegun: boolean): HeaderField | undefined {
    const first = this.#bytes[this.#at]!;
    if (first >= 0x80) return this.#entry(this.#integer(7));
    if (first >= 0x40) {
      const field = this.#literal(6);
      this.#hasChanged = true;
      this.#table.add(field);
      return field;
    }
    if (first < 0x20) return this.#literal(4);
    const size = this.#integer(5);
    if (hasBegun || size > maxTableBytes) throw malformed("changes the size of the table as it may not");
    this.#hasChanged = true;
    this.#table.resize(size);
    return undefined;
  }

  #entry(index: number): HeaderField {
    const field = index <= staticTable.length ? staticTable[index - 1] : this.#table.at(index - staticTable.length - 1);
    if (field === undefined) throw malformed("refers to what was never said");
    return field;
  }

  #literal(prefixBits: number): HeaderField {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#text() : this.#entry(index)[0];
    return [name, this.#text()];
  }

  #text(): string {
    const isHuffman = (this.#bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#integer(7);
    const start = this.#at;
    if (length > this.#bytes.length - start) throw malformed("ends within a text");
    this.#at += length;
    return isHuffman ? huffmanText(this.#bytes, start, this.#at) : this.#bytes.toString("latin1", start, this.#at);
  }

  #integer(prefixBits: number): number {
    const mask = 2 ** prefixBits - 1;
    const first = this.#bytes[this.#at++];
    if (first === undefined) throw malformed("ends within a number");
    let value = first & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw malformed("ends within a number");
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed("has a number that is too large");
  }
}
