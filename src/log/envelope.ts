/**
 * An accepted event as the log keeps it: self-contained, so that a rebuild of the view has its input.
 *
 * The envelopes of one append are stored together, as zstd of
 *
 *     u32 little-endian: length of the header
 *     header: UTF-8 JSON {"v":1,"records":[{s,k,i,e,p,t,r,f,j,n}, ...]}
 *     the records' contents, concatenated
 *
 * with s source, k kind, i session or agent id, e the source's event id, p the publisher's key, t received time (ms),
 * r event time (ms and nanoseconds, when overriding or typed), f first received time (ms), j the content's form (0 a typed
 * payload in Protobuf, 1 the source's JSON, 2 an expiry, 3 a seal), n content length in bytes. Empty members are left out.
 */
import { zstdDecompressSync } from "node:zlib";
import { compress } from "./compression.ts";

export const envelopeVersion = 1;

export type EventKindName = "call" | "agent" | "chat";

/** What the content is: the source's, a publisher's, or the gateway's own proposal to expire or seal a session. */
export type EnvelopeForm = "typed" | "json" | "expire" | "seal";

const forms: readonly EnvelopeForm[] = ["typed", "json", "expire", "seal"];

/** Names the session that a proposal is about, and its last event: it counts only while that is still the last. */
export interface SessionProposal {
  first: number;
  last: number;
}

export interface Envelope {
  source: string;
  kind: EventKindName;
  /** The call, chat or agent id. */
  key: string;
  /** The source's event id, empty when it gave none. */
  sourceEventId: string;
  /** The publisher's key, empty when it gave none. */
  idempotencyKey: string;
  receivedMs: number;
  /** The event time as seconds and nanoseconds, when there is one. */
  eventTime: readonly [seconds: number, nanos: number] | undefined;
  /** When the content first came, for a retried event. */
  firstReceivedMs: number | undefined;
  form: EnvelopeForm;
  /** The source's own object as UTF-8 text, the typed payload's Protobuf encoding, or a SessionProposal as JSON. */
  content: Uint8Array;
}

interface Header {
  v: number;
  records: HeaderRecord[];
}

interface HeaderRecord {
  s: string;
  k: EventKindName;
  i?: string;
  e?: string;
  p?: string;
  t: number;
  r?: readonly [number, number];
  f?: number;
  j: number;
  n: number;
}

function headerRecord(envelope: Envelope): HeaderRecord {
  const record: HeaderRecord = {
    s: envelope.source,
    k: envelope.kind,
    t: envelope.receivedMs,
    j: forms.indexOf(envelope.form),
    n: envelope.content.length,
  };
  if (envelope.key !== "") record.i = envelope.key;
  if (envelope.sourceEventId !== "") record.e = envelope.sourceEventId;
  if (envelope.idempotencyKey !== "") record.p = envelope.idempotencyKey;
  if (envelope.eventTime !== undefined) record.r = envelope.eventTime;
  if (envelope.firstReceivedMs !== undefined) record.f = envelope.firstReceivedMs;
  return record;
}

export function encodeEnvelopes(envelopes: readonly Envelope[]): Uint8Array {
  const header: Header = { v: envelopeVersion, records: envelopes.map(headerRecord) };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(headerBytes.length);
  return compress(Buffer.concat([length, headerBytes, ...envelopes.map((envelope) => envelope.content)]));
}

export function decodeEnvelopes(stored: Uint8Array): Envelope[] {
  const bytes = zstdDecompressSync(stored);
  const headerEnd = 4 + bytes.readUInt32LE(0);
  const header = JSON.parse(bytes.toString("utf8", 4, headerEnd)) as Header;
  if (header.v !== envelopeVersion) throw new Error(`envelope version ${header.v} is not known`);
  let position = headerEnd;
  return header.records.map((record) => {
    const content = bytes.subarray(position, position + record.n);
    position += record.n;
    return {
      source: record.s,
      kind: record.k,
      key: record.i ?? "",
      sourceEventId: record.e ?? "",
      idempotencyKey: record.p ?? "",
      receivedMs: record.t,
      eventTime: record.r,
      firstReceivedMs: record.f,
      form: forms[record.j]!,
      content,
    };
  });
}
