/**
 * An accepted event as the log keeps it: self-contained, so that a rebuild of the view has its input.
 *
 * The envelopes of one append are stored together, as zstd of
 *
 *     u8: version, 2
 *     u32 little-endian: length of the head
 *     the head: a Protobuf message with, for each event, a record (field 1) and the length of its content (field 2)
 *     the contents, concatenated
 *
 * A record's fields: 1 source, 2 kind (1 call, 2 agent, 3 chat), 3 session or agent id, 4 the source's event id, 5 the
 * publisher's key, 6 received time (ms), 7 event time, 8 first received time (ms), 9 the content's form (0 a typed payload in Protobuf,
 * 1 the source's JSON, 2 an expiry, 3 a seal). What is empty, 0 or unset is left out.
 */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { WireReader } from "../wire/wire-reader.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import { compress, decompress } from "./compression.ts";

export const envelopeVersion = 2;

export type EventKindName = "call" | "agent" | "chat";

/** What the content is: the source's, a publisher's, or the gateway's own proposal to expire or seal a session. */
export type EnvelopeForm = "typed" | "json" | "expire" | "seal";

const kinds: readonly EventKindName[] = ["call", "agent", "chat"];
const forms: readonly EnvelopeForm[] = ["typed", "json", "expire", "seal"];
const headAt = 5;

/** Names the session that a proposal is about, and its last event: it counts only while that is still the last. */
export interface SessionProposal {
  first: number;
  last: number;
}

export interface EnvelopeHead {
  source: string;
  kind: EventKindName;
  /** The call, chat or agent id. */
  key: string;
  /** The source's event id, empty when it gave none. */
  sourceEventId: string;
  /** The publisher's key, empty when it gave none. */
  idempotencyKey: string;
  receivedMs: number;
  /** The source's clock, when it is known. */
  eventTime: Timestamp | undefined;
  /** When the content first came, for a retried event. */
  firstReceivedMs: number | undefined;
  form: EnvelopeForm;
}

export interface Envelope extends EnvelopeHead {
  /** The source's own object as UTF-8 text, the typed payload's Protobuf encoding, or a SessionProposal as JSON. */
  content: Uint8Array;
}

/** The envelopes of one append as they are stored, but for their compression. */
export interface EncodedEnvelopes {
  count: number;
  bytes: Uint8Array;
}

function writeHead(to: WireWriter, head: EnvelopeHead): void {
  to.text(1, head.source);
  to.number(2, kinds.indexOf(head.kind) + 1);
  to.text(3, head.key);
  to.text(4, head.sourceEventId);
  to.text(5, head.idempotencyKey);
  to.number(6, head.receivedMs);
  to.time(7, head.eventTime);
  if (head.firstReceivedMs !== undefined) to.present(8, head.firstReceivedMs);
  to.number(9, forms.indexOf(head.form));
}

/** Collects the envelopes of one append. */
export class EnvelopesBuilder {
  readonly #head: WireWriter;
  readonly #contents: WireWriter;
  readonly #contentEnds: number[] = [];

  /** @param head and `contents`, empty writers that it may use until it has built */
  constructor(head = new WireWriter(), contents = new WireWriter()) {
    this.#head = head;
    this.#contents = contents;
  }

  /** Where a content is written, before its head is added. */
  get contents(): WireWriter {
    return this.#contents;
  }

  /** Adds the head of what was written to `contents` since the last. */
  add(head: EnvelopeHead): void {
    const { count } = this;
    const start = count === 0 ? 0 : this.#contentEnds[count - 1]!;
    this.#contentEnds.push(this.#contents.length);
    this.#head.message(1, head, writeHead);
    this.#head.present(2, this.#contents.length - start);
  }

  get count(): number {
    return this.#contentEnds.length;
  }

  /** Bytes of content so far. */
  get contentBytes(): number {
    return this.#contents.length;
  }

  build(): EncodedEnvelopes & { contents: Uint8Array; contentEnds: Uint32Array } {
    const head = this.#head.since(0);
    const contents = this.#contents.take();
    // Of its own memory, which can be handed to another thread.
    const bytes = Buffer.allocUnsafeSlow(headAt + head.length + contents.length);
    bytes[0] = envelopeVersion;
    bytes.writeUInt32LE(head.length, 1);
    bytes.set(head, headAt);
    bytes.set(contents, headAt + head.length);
    this.#head.clear();
    return { count: this.count, bytes, contents, contentEnds: new Uint32Array(this.#contentEnds) };
  }
}

export function encodeEnvelopes(envelopes: readonly Envelope[]): EncodedEnvelopes {
  const builder = new EnvelopesBuilder();
  for (const envelope of envelopes) {
    builder.contents.raw(envelope.content);
    builder.add(envelope);
  }
  return builder.build();
}

export function compressEnvelopes({ bytes }: EncodedEnvelopes): Uint8Array {
  return compress(bytes);
}

function readHead(from: WireReader, buffer: Buffer): EnvelopeHead {
  const head: EnvelopeHead = {
    source: "",
    kind: "call",
    key: "",
    sourceEventId: "",
    idempotencyKey: "",
    receivedMs: 0,
    eventTime: undefined,
    firstReceivedMs: undefined,
    form: "typed",
  };
  const limit = from.end;
  const text = (): string => buffer.toString("utf8", from.contentAt, from.end);
  from.at = from.contentAt;
  while (from.next(limit)) {
    if (from.field === 1) head.source = text();
    else if (from.field === 2) head.kind = kinds[from.number() - 1]!;
    else if (from.field === 3) head.key = text();
    else if (from.field === 4) head.sourceEventId = text();
    else if (from.field === 5) head.idempotencyKey = text();
    else if (from.field === 6) head.receivedMs = from.integer();
    else if (from.field === 7) head.eventTime = from.time();
    else if (from.field === 8) head.firstReceivedMs = from.integer();
    else if (from.field === 9) head.form = forms[from.number()]!;
  }
  return head;
}

export function decodeEnvelopes(stored: Uint8Array): Envelope[] {
  const bytes = decompress(stored);
  if (bytes[0] !== envelopeVersion) throw new Error(`envelope version ${bytes[0]} is not known`);
  const headEnd = headAt + bytes.readUInt32LE(1);
  const envelopes: Envelope[] = [];
  const from = new WireReader(bytes);
  from.at = headAt;
  let position = headEnd;
  while (from.next(headEnd)) {
    const head = readHead(from, bytes);
    from.next(headEnd);
    const end = position + from.integer();
    envelopes.push({ ...head, content: bytes.subarray(position, end) });
    position = end;
  }
  return envelopes;
}
