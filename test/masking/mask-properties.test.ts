import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AgentSchema } from "../../gen/ts/callwire/v1/call_pb.ts";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { maskedFields } from "../../src/masking/classified-fields.ts";
import { createMask, type Mask } from "../../src/masking/mask.ts";
import { type MaskAction, type MaskProfile, maskProfile, maskProfileProblems } from "../../src/masking/mask-profile.ts";
import { WireReader } from "../../src/wire/wire-reader.ts";
import { WireWriter } from "../../src/wire/wire-writer.ts";
import { anyMessage } from "../wire/any-message.ts";
import { plantMarkers } from "./planted-markers.ts";
import { referenceMask } from "./reference-mask.ts";

/** Few ids and few legs, so that parties meet. */
const scalars = {
  text: fc.oneof(
    fc.constantFrom("1", "2", "agent_1", "agent_2", "end_user_1", "+15550001111", "Ann@Example.com", "ann@example.com"),
    fc.string({ unit: "grapheme", maxLength: 150 }),
  ),
  number: fc.nat(4),
};

const hashKey = fc.uint8Array({ minLength: 32, maxLength: 40 });

function anyAction(...actions: MaskAction[]): fc.Arbitrary<MaskAction> {
  return fc.constantFrom(...actions);
}

const all = anyAction("show", "drop", "last_four", "hash");
const overrides = fc.dictionary(fc.constantFrom(...maskedFields.keys()), all, { maxKeys: 6 });

const anyProfile: fc.Arbitrary<MaskProfile> = fc
  .record({
    personal: all,
    sensitive: all,
    fields: fc.oneof(fc.constant({}), overrides),
    hashKey,
    privileged: fc.boolean(),
  })
  .map((given) => {
    const profile = { id: "any", ...given };
    const fields = Object.entries(profile.fields).filter(
      ([name, action]) => maskProfileProblems({ ...profile, fields: { [name]: action } }).length === 0,
    );
    return { ...profile, fields: Object.fromEntries(fields) };
  })
  .filter((profile) => maskProfileProblems(profile).length === 0);

interface Kind {
  type: DescMessage;
  mask: (mask: Mask, bytes: Uint8Array) => Uint8Array;
}

/** As it stands in a list of events. */
function maskedInFrame(mask: Mask, bytes: Uint8Array): Uint8Array {
  const frame = new WireWriter();
  frame.encoded(1, bytes);
  const framed = frame.take();
  const masked = mask.event(framed, true);
  const reader = new WireReader(masked);
  expect(reader.next(masked.length) && reader.end === masked.length).toBe(true);
  return masked === framed ? bytes : masked.slice(reader.contentAt);
}

const kinds: [string, Kind][] = [
  ["an event", { type: EventSchema, mask: (mask, bytes) => mask.event(bytes) }],
  ["an event with its tag and length", { type: EventSchema, mask: (mask, bytes) => maskedInFrame(mask, bytes) }],
  ["a session", { type: SessionSchema, mask: (mask, bytes) => mask.session(bytes) }],
  ["an agent", { type: AgentSchema, mask: (mask, bytes) => mask.agent(bytes) }],
];

function encoded(type: DescMessage): fc.Arbitrary<Uint8Array> {
  return anyMessage(type, scalars).map((message) => toBinary(type, message));
}

describe.each(kinds)("%s", (_, { type, mask }) => {
  it("is what the reference makes of it, byte for byte", () => {
    fc.assert(
      fc.property(encoded(type), anyProfile, (bytes, profile) => {
        const before = bytes.slice();
        const masked = mask(createMask(profile), bytes);
        const expected = referenceMask(type, bytes, profile);
        expect(fromBinary(type, masked)).toEqual(expected);
        expect(masked).toEqual(toBinary(type, expected));
        expect(bytes).toEqual(before);
        if (Buffer.compare(masked, bytes) === 0) expect(masked).toBe(bytes);
      }),
      { numRuns: 400 },
    );
  });

  it("holds no text that the profile hides, and every text that it shows", () => {
    const hiding = anyAction("drop", "last_four", "hash");
    const profiles = fc.record({
      id: fc.constant("hiding"),
      personal: hiding,
      sensitive: hiding,
      fields: fc.constant({}),
      hashKey,
      privileged: fc.boolean(),
    });
    fc.assert(
      fc.property(anyMessage(type, scalars), profiles, (message: Message, profile) => {
        const { shown, hidden } = plantMarkers(type, message);
        const masked = Buffer.from(mask(createMask(profile), toBinary(type, message)));
        expect(hidden.filter((marker) => masked.includes(marker))).toEqual([]);
        expect(shown.filter((marker) => !masked.includes(marker))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("stays as it is when it is masked again", () => {
    const again = anyAction("show", "drop", "last_four");
    const profiles = fc.record({
      id: fc.constant("again"),
      personal: again,
      sensitive: again,
      fields: fc.constant({}),
      hashKey: fc.constant(undefined),
      privileged: fc.boolean(),
    });
    fc.assert(
      fc.property(encoded(type), profiles, (bytes, profile) => {
        const once = mask(createMask(profile), bytes);
        expect(mask(createMask(profile), once)).toBe(once);
      }),
      { numRuns: 200 },
    );
  });

  it("is refused when it is cut short, and never shown in part", () => {
    fc.assert(
      fc.property(encoded(type), fc.nat(), (bytes, at) => {
        const cut = bytes.subarray(0, at % (bytes.length + 1));
        let expected: unknown;
        try {
          expected = fromBinary(type, cut);
        } catch {
          expected = undefined;
        }
        const run = () => mask(createMask(maskProfile({ id: "strict" })), cut);
        if (expected === undefined) expect(run).toThrow();
        else expect(() => fromBinary(type, run())).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });
});
