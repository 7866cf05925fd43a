import { create, type DescField, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Session, SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { encodeSession } from "../../src/sessions/encode-session.ts";

const text = fc.string({ unit: "grapheme", maxLength: 200 });

/** Any value of a field of a session; numbers within what offsets and times can be. */
function anyValueOf(field: DescField): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return messageOf(field.message);
  if (field.enum !== undefined) return fc.constantFrom(...field.enum.values.map(({ number }) => number));
  switch (field.scalar) {
    case 9:
      return text;
    case 8:
      return fc.boolean();
    case 12:
      return fc.uint8Array({ maxLength: 200 });
    case 3:
    case 4:
      return fc.maxSafeNat().map(BigInt);
    default:
      return fc.nat(999_999_999);
  }
}

function fieldOf(field: DescField): fc.Arbitrary<unknown> {
  const value = anyValueOf(field);
  if (field.fieldKind === "list") return fc.array(value, { maxLength: 4 });
  return fc.option(value, { nil: undefined });
}

function messageOf(type: DescMessage): fc.Arbitrary<Message> {
  return fc
    .tuple(...type.fields.map((field) => fieldOf(field)))
    .map((values) => create(type, Object.fromEntries(type.fields.map(({ localName }, at) => [localName, values[at]]))));
}

it("writes the same bytes as the general encoder, whatever the session", () => {
  fc.assert(
    fc.property(messageOf(SessionSchema) as fc.Arbitrary<Session>, (session) => {
      expect(encodeSession(session)).toEqual(toBinary(SessionSchema, session));
    }),
    { numRuns: 300 },
  );
});
