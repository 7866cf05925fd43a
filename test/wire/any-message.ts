/** Arbitrary messages of any type, with the values that events and sessions can have. */
import { create, type DescField, type DescMessage, fromJson, type JsonValue, type Message } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";

export interface Scalars {
  text: fc.Arbitrary<string>;
  /** Of 32 bits. */
  number: fc.Arbitrary<number>;
}

const anyScalars: Scalars = { text: fc.string({ unit: "grapheme", maxLength: 200 }), number: fc.nat(999_999_999) };

const customData = fc.jsonValue({ maxDepth: 4 }).map((json) => fromJson(ValueSchema, json as JsonValue));

/** Any value of a field; numbers within what offsets and times can be. */
function anyValueOf(field: DescField, scalars: Scalars): fc.Arbitrary<unknown> {
  if (field.message?.typeName === ValueSchema.typeName) return customData;
  if (field.message !== undefined) return anyMessage(field.message, scalars);
  if (field.enum !== undefined) return fc.constantFrom(...field.enum.values.map(({ number }) => number));
  switch (field.scalar) {
    case 9:
      return scalars.text;
    case 8:
      return fc.boolean();
    case 12:
      return fc.uint8Array({ maxLength: 200 });
    case 3:
      return fc.maxSafeInteger().map(BigInt);
    case 4:
      return fc.maxSafeNat().map(BigInt);
    default:
      return scalars.number;
  }
}

function fieldOf(field: DescField, scalars: Scalars): fc.Arbitrary<unknown> {
  const value = anyValueOf(field, scalars);
  if (field.fieldKind === "list") return fc.array(value, { maxLength: 4 });
  return fc.option(value, { nil: undefined });
}

/** One of the members of each oneof, or none. */
function oneofsOf(type: DescMessage, scalars: Scalars): fc.Arbitrary<unknown>[] {
  return type.oneofs.map(({ fields }) =>
    fc.oneof(
      fc.constant({ case: undefined }),
      ...fields.map((field) => anyValueOf(field, scalars).map((value) => ({ case: field.localName, value }))),
    ),
  );
}

/** Messages that have no other fields than these, none of which is of a oneof. */
export function anyMessageOfFields(
  type: DescMessage,
  fields: readonly DescField[],
  scalars = anyScalars,
): fc.Arbitrary<Message> {
  return fc
    .tuple(...fields.map((field) => fieldOf(field, scalars)))
    .map((values) => create(type, Object.fromEntries(fields.map(({ localName }, at) => [localName, values[at]]))));
}

export function anyMessage(type: DescMessage, scalars = anyScalars): fc.Arbitrary<Message> {
  const alone = type.fields.filter(({ oneof }) => oneof === undefined);
  const message = anyMessageOfFields(type, alone, scalars);
  if (type.oneofs.length === 0) return message;
  return fc.tuple(message, ...oneofsOf(type, scalars)).map(([fields, ...chosen]) =>
    create(type, {
      ...fields,
      ...Object.fromEntries(type.oneofs.map(({ localName }, at) => [localName, chosen[at]])),
    }),
  );
}
