/**
 * Looks through an encoded publish request without decoding it: nearly every one holds nothing but what the contract knows,
 * and then its items go to the sequencer as they are. Whatever is unusual is left to the strict decoder, which says what is
 * wrong, if anything.
 */
import { isUtf8 } from "node:buffer";
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { delimited, varint, WireReader } from "../wire/wire-reader.ts";

export interface PlainRequest {
  tenant: string;
  source: string;
  itemCount: number;
  /** 0 where the request has none. */
  sequence: number;
}

export const maxKeyBytes = 256;

interface FieldPlan {
  wireType: number;
  /** An enum's values. */
  values: ReadonlySet<number> | undefined;
  isText: boolean;
  message: MessagePlan | undefined;
}

/** By field number; a field that is not here, or is of no kind that is looked through here, makes a message unusual. */
type MessagePlan = (FieldPlan | undefined)[];

const plans = new Map<DescMessage, MessagePlan>();

const plainScalars: ReadonlySet<ScalarType> = new Set([ScalarType.BOOL, ScalarType.UINT32, ScalarType.UINT64]);

function planOfField(field: DescField): FieldPlan | undefined {
  const { scalar, message } = field;
  if (field.enum !== undefined && field.fieldKind === "enum") {
    const values = new Set(field.enum.values.map(({ number }) => number));
    return { wireType: varint, values, isText: false, message: undefined };
  }
  if (scalar === ScalarType.STRING) return { wireType: delimited, values: undefined, isText: true, message: undefined };
  if (scalar !== undefined && plainScalars.has(scalar) && field.fieldKind === "scalar") {
    return { wireType: varint, values: undefined, isText: false, message: undefined };
  }
  // Times are judged where they stand; other well-known types are free in shape and rare.
  if (message === undefined || message.typeName.startsWith("google.")) return undefined;
  return { wireType: delimited, values: undefined, isText: false, message: planOf(message) };
}

function planOf(type: DescMessage): MessagePlan {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const plan: MessagePlan = [];
  plans.set(type, plan);
  for (const field of type.fields) {
    const isTime = field.message?.typeName === TimestampSchema.typeName;
    plan[field.number] = isTime ? timePlan : planOfField(field);
  }
  return plan;
}

const timePlan: FieldPlan = { wireType: delimited, values: undefined, isText: false, message: undefined };

/** The bounds of google.protobuf.Timestamp: what is negative is written in ten bytes, and unusual. */
const maxSeconds = 253_402_300_799;
const maxNanos = 999_999_999;
const longestSafe = 7;

/** A short text is read here, a long one by the platform. */
const shortText = 48;

function isText(buffer: Buffer, start: number, end: number): boolean {
  if (end - start > shortText) return isUtf8(buffer.subarray(start, end));
  for (let at = start; at < end; at++) if (buffer[at]! > 0x7f) return isUtf8(buffer.subarray(start, end));
  return true;
}

class Scan {
  readonly #buffer: Buffer;
  readonly #from: WireReader;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#from = new WireReader(buffer);
  }

  get from(): WireReader {
    return this.#from;
  }

  isTime(): boolean {
    const from = this.#from;
    const { end } = from;
    from.at = from.contentAt;
    while (from.next(end)) {
      if (from.wireType !== varint || from.field > 2 || from.end - from.valueAt > longestSafe) return false;
      if (from.integer() > (from.field === 1 ? maxSeconds : maxNanos)) return false;
    }
    return true;
  }

  /** Whether the field that was read last is plain. The next field is the one after it. */
  isPlain(plan: FieldPlan | undefined): boolean {
    const from = this.#from;
    if (plan === undefined || from.wireType !== plan.wireType) return false;
    if (plan.isText) return isText(this.#buffer, from.contentAt, from.end);
    if (plan.values !== undefined) return from.end - from.valueAt <= 4 && plan.values.has(from.number());
    if (plan === timePlan) return this.isTime();
    if (plan.message === undefined) return from.end - from.valueAt <= longestSafe;
    return this.isPlainMessage(plan.message);
  }

  /** As `isPlain`, of a field that is a message. */
  isPlainMessage(plan: MessagePlan): boolean {
    const from = this.#from;
    const { end } = from;
    from.at = from.contentAt;
    while (from.next(end)) if (!this.isPlain(plan[from.field])) return false;
    return true;
  }

  /** A key that is not too long and has no control characters; what is not ASCII is unusual. */
  isPlainKey(): boolean {
    const { contentAt, end } = this.#from;
    if (end - contentAt > maxKeyBytes) return false;
    for (let at = contentAt; at < end; at++) {
      const byte = this.#buffer[at]!;
      if (byte < 0x20 || byte > 0x7e) return false;
    }
    return true;
  }

  isPlainItem(plan: MessagePlan): boolean {
    const from = this.#from;
    const { end } = from;
    from.at = from.contentAt;
    while (from.next(end)) {
      if (!this.isPlain(plan[from.field])) return false;
      if (from.field === keyField && !this.isPlainKey()) return false;
    }
    return true;
  }

  text(): string {
    return this.#buffer.toString("utf8", this.#from.contentAt, this.#from.end);
  }
}

/** Of both requests, and of PublishItem. */
const tenantField = 1;
const sourceField = 2;
const itemsField = 3;
const sequenceField = 4;
const keyField = 5;

/**
 * @param type PublishEventsRequest or PublishStreamRequest
 * @returns undefined when something about the request is unusual
 */
export function lookThrough(type: DescMessage, bytes: Buffer): PlainRequest | undefined {
  const request: PlainRequest = { tenant: "", source: "", itemCount: 0, sequence: 0 };
  const plan = planOf(type);
  const itemPlan = plan[itemsField]!.message!;
  const scan = new Scan(bytes);
  const { from } = scan;
  try {
    while (from.next(bytes.length)) {
      if (from.field === itemsField) {
        request.itemCount++;
        if (from.wireType !== delimited || !scan.isPlainItem(itemPlan)) return undefined;
        continue;
      }
      if (!scan.isPlain(plan[from.field])) return undefined;
      if (from.field === tenantField) request.tenant = scan.text();
      else if (from.field === sourceField) request.source = scan.text();
      else if (from.field === sequenceField) request.sequence = from.integer();
    }
    return request;
  } catch {
    return undefined;
  }
}
