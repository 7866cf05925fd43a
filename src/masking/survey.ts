/**
 * Where the fields of an encoded Event, Session or Agent stand that some mask changes, and what they tell of redaction and of the
 * parties: found once, for all masks that the message is then shown through.
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { WireReader } from "../wire/wire-reader.ts";
import { maskedFields, maskedMessages, partOf } from "./classified-fields.ts";
import { Parties, type PartyRule, partyRules } from "./parties.ts";

/** The fields that a mask knows, by their number here; 0 is a field that it does not know. */
export const surveyedFields: readonly (DescField | undefined)[] = [undefined, ...maskedFields.values()];

/** By their numbers: 1 for fields that some mask changes, or something in them. Nobody asks where the others are. */
const changeable = new Uint8Array(surveyedFields.length);
let changeableFields = 0;

/** Surveys tell from now on where these fields are, by their numbers. */
export function surveyFields(ids: Iterable<number>): void {
  for (const id of ids) {
    if (changeable[id] === 0) changeableFields++;
    changeable[id] = 1;
  }
}

/** How the fields of a message are surveyed. */
interface Layout {
  isSession: boolean;
  /** By field number; for each its number in `surveyedFields`, and the layout of the message in it. */
  ids: readonly number[];
  parts: readonly (Layout | undefined)[];
}

const layouts = new Map<DescMessage, Layout>();
for (const message of maskedMessages) {
  const ids = new Array<number>(1 + Math.max(...message.fields.map(({ number }) => number))).fill(0);
  for (const field of message.fields) ids[field.number] = surveyedFields.indexOf(field);
  layouts.set(message, { isSession: message === SessionSchema, ids, parts: [] });
}
for (const layout of layouts.values()) {
  layout.parts = layout.ids.map((id) => {
    const part = id === 0 ? undefined : partOf(surveyedFields[id]!);
    return part && layouts.get(part);
  });
}

const rules: readonly (PartyRule | undefined)[] = surveyedFields.map((field) => field && partyRules.get(field));

/** Places in `fields` of what is known of one. */
const idAt = 0;
const tagAt = 1;
const valueAt = 2;
const contentAt = 3;
const endAt = 4;
const nextAt = 5;
const holderAt = 6;
const factAt = 7;
const perField = 8;

const unknown = -1;
const withheld = EventSchema.field.withheld.number;
const redactionActive = EventSchema.field.redactionActive.number;
const noBytes = new Uint8Array(0);

export class Survey {
  bytes: Uint8Array = noBytes;
  /** Where the message begins; before it are, of one with tag and length, these. */
  start = 0;
  lengthAt = unknown;
  /** A party is redacted. */
  isRedacted = false;
  /** Of an Event: it tells already that something was withheld; and the place of that, where it does not. */
  isTold = false;
  tellAt = 0;
  #fields = new Int32Array(64 * perField);
  /** Numbers in use of `fields`. */
  #length = 0;
  /** How many fields could be changed when it was made. */
  #changeableFields = 0;
  readonly #reader = new WireReader(noBytes);
  readonly #parties = new Parties();

  /** A message is surveyed for all masks that there are. */
  get isCurrent(): boolean {
    return this.bytes.length > 0 && this.#changeableFields === changeableFields;
  }

  /** An Event's, which is surveyed again when a mask that changes more has come since. */
  current(): this {
    if (!this.isCurrent) this.event(this.bytes, this.lengthAt !== unknown);
    return this;
  }

  /** Lets go of the message. */
  forget(): void {
    this.#begin(noBytes);
  }

  /** Surveys an Event. @throws Error when it is none */
  event(bytes: Uint8Array, isFramed: boolean): void {
    const reader = this.#begin(bytes);
    if (isFramed) {
      reader.next(bytes.length);
      this.lengthAt = reader.valueAt;
      this.start = reader.contentAt;
      reader.at = this.start;
    }
    this.tellAt = bytes.length;
    const { ids, parts } = layouts.get(EventSchema)!;
    while (reader.next(bytes.length)) {
      const { field } = reader;
      if (field === redactionActive) this.isRedacted = reader.number() !== 0;
      else if (field === withheld) this.isTold = reader.number() !== 0;
      else if (field > withheld && this.tellAt === bytes.length) this.tellAt = reader.tagAt;
      const id = ids[field] ?? 0;
      if (changeable[id] === 1) this.#note(id, parts[field], unknown);
    }
  }

  /** Surveys a Session or an Agent. @throws Error when it is none */
  message(type: DescMessage, bytes: Uint8Array): void {
    this.#begin(bytes);
    this.isRedacted = this.#within(layouts.get(type)!, 0, bytes.length, unknown);
  }

  #begin(bytes: Uint8Array): WireReader {
    this.bytes = bytes;
    this.start = 0;
    this.lengthAt = unknown;
    this.isRedacted = false;
    this.isTold = false;
    this.#length = 0;
    this.#changeableFields = changeableFields;
    this.#reader.moveTo(bytes, 0);
    return this.#reader;
  }

  /** Surveys the fields of a message; true when it is a Session with a redacted party. */
  #within(layout: Layout, start: number, end: number, holder: number): boolean {
    const reader = this.#reader;
    const isRedacted = layout.isSession && this.#parties.surveySession(this.bytes, start, end);
    while (reader.next(end)) {
      const id = layout.ids[reader.field] ?? 0;
      if (changeable[id] === 1) this.#note(id, layout.parts[reader.field], holder);
    }
    return isRedacted;
  }

  /** Notes the field that was read last, and those of the message in it. */
  #note(id: number, part: Layout | undefined, holder: number): void {
    if (this.#length + perField > this.#fields.length) this.#grow();
    const fields = this.#fields;
    const at = this.#length;
    const { end } = this.#reader;
    fields[at + idAt] = id;
    fields[at + tagAt] = this.#reader.tagAt;
    fields[at + valueAt] = this.#reader.valueAt;
    fields[at + contentAt] = this.#reader.contentAt;
    fields[at + endAt] = end;
    fields[at + holderAt] = holder;
    fields[at + factAt] = unknown;
    this.#length = at + perField;
    if (part !== undefined) {
      this.#reader.at = fields[at + contentAt]!;
      const isRedacted = this.#within(part, fields[at + contentAt]!, end, at);
      this.#fields[at + factAt] = isRedacted ? 1 : 0;
    } else if (rules[id]?.by === "leg") {
      // Of the session that is being surveyed.
      this.isAgent(at);
    }
    this.#fields[at + nextAt] = this.#length;
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#fields.length);
    larger.set(this.#fields);
    this.#fields = larger;
  }

  /** The places of fields: the first is 0, the one after a field and all within it is `next`, the first within is `first`. */
  get length(): number {
    return this.#length;
  }

  next(field: number): number {
    return this.#fields[field + nextAt]!;
  }

  first(field: number): number {
    return field + perField;
  }

  /** Its number in `surveyedFields`. */
  id(field: number): number {
    return this.#fields[field + idAt]!;
  }

  tagAt(field: number): number {
    return this.#fields[field + tagAt]!;
  }

  valueAt(field: number): number {
    return this.#fields[field + valueAt]!;
  }

  contentAt(field: number): number {
    return this.#fields[field + contentAt]!;
  }

  end(field: number): number {
    return this.#fields[field + endAt]!;
  }

  /** Whether the Session in a field has a redacted party. */
  hasRedacted(field: number): boolean {
    return this.#fields[field + factAt] === 1;
  }

  /** Whether a field that has a party's rule names an agent. */
  isAgent(field: number): boolean {
    const known = this.#fields[field + factAt]!;
    if (known !== unknown) return known === 1;
    const holder = this.#fields[field + holderAt]!;
    const start = holder === unknown ? this.start : this.contentAt(holder);
    const end = holder === unknown ? this.bytes.length : this.end(holder);
    const rule = rules[this.id(field)]!;
    const isAgent = this.#parties.isAgent(rule, this.bytes, start, end, this.contentAt(field), this.end(field));
    this.#fields[field + factAt] = isAgent ? 1 : 0;
    return isAgent;
  }
}
