/** What holds for every input, tried on inputs that nobody would write by hand. */
import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { acceptTyped } from "../../src/events/accept-typed.ts";
import type { EventPayload } from "../../src/events/accepted-event.ts";
import { contentDigestInput } from "../../src/events/content.ts";
import { encodePayload } from "../../src/events/encode-event.ts";
import { normaliseBody } from "../../src/events/normalise-body.ts";
import { normaliseJsonItem } from "../../src/events/normalise-item.ts";
import { eventOf, itemsOf, limits } from "./normalised.ts";

const encoder = new TextEncoder();
const anything = fc.jsonValue({ maxDepth: 3 });
const scalar = fc.oneof(fc.string({ unit: "grapheme" }), fc.double(), fc.integer(), fc.boolean(), fc.constant(null));
const word = fc.constantFrom(
  "connected",
  "held",
  "muted",
  "participantDisconnect",
  "agent",
  "external",
  "odd",
  null,
  7,
);
const id = fc.oneof(fc.stringMatching(/^[a-z0-9+_]{1,12}$/), fc.nat(), fc.maxSafeInteger());

/** Keys as arbitrary objects rarely have them: those that mean something, with values of every kind. */
const partyFields = fc.record(
  { ParticipantID: fc.option(id), Type: word, State: word, Media_id: anything, Agent_name: scalar, agent: anything },
  { requiredKeys: [] },
);
const sessionFields = {
  State: word,
  Direction: fc.constantFrom("incoming", "outgoing", "odd"),
  Initiator: scalar,
  Queue_path_ids: fc.oneof(fc.constant("1/2/3"), anything),
  Queue_path_names: anything,
  Queue_uuid: fc.oneof(id, fc.constant({})),
  Language: scalar,
  Recording_permitted: scalar,
  Custom_headers: anything,
  Participants: fc.oneof(fc.array(partyFields, { maxLength: 4 }), partyFields, fc.constantFrom(null, [], 7)),
  Media_id: scalar,
  Agent_number: scalar,
  Dispositions: fc.oneof(fc.record({ code: scalar, note: anything }), anything),
  Connected_at: scalar,
  Timestamp: fc.oneof(fc.integer(), fc.double(), fc.constant("2025-01-02T03:04:05Z"), scalar),
};
const call = fc.record({ Call_id: id, ...sessionFields }, { requiredKeys: ["Call_id"] });
const chat = fc.record({ Chat_id: id, ...sessionFields }, { requiredKeys: ["Chat_id"] });
const wrapped = fc.record({
  type: fc.constantFrom("CallState", "AgentState"),
  item: fc.record({ Call_id: id, Email: scalar, ...sessionFields }, { requiredKeys: [] }),
});
const event = fc.oneof(call, chat, wrapped);

function decoded(payload: EventPayload): EventPayload["value"] {
  const event = fromBinary(EventSchema, encodePayload(payload));
  return event.payload.value as EventPayload["value"];
}

/** The same key as another sender might spell it. */
function respelled(key: string, seed: number): string {
  const cased = seed % 2 === 0 ? key.toUpperCase() : key.toLowerCase();
  return seed % 3 === 0 ? cased.replaceAll("_", "") : cased.replaceAll("_", seed % 3 === 1 ? " " : "-");
}

/** The same object with its fields respelled, reversed and among unknown ones; custom data is the sender's own. */
function disguised(value: unknown, seed: number, isCustom = false): unknown {
  if (Array.isArray(value)) return value.map((element) => disguised(element, seed, isCustom));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse();
  if (isCustom) return Object.fromEntries(entries.map(([key, member]) => [key, disguised(member, seed, true)]));
  const fields = entries.map(([key, member]) => {
    const isRaw = !/^(item|Participants)$/.test(key);
    return [respelled(key, seed), disguised(member, seed, isRaw)] as const;
  });
  return Object.fromEntries([["zz_unknown", { State: "held" }], ...fields, ["unknown", seed]]);
}

test("no bytes crash it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      normaliseBody(bytes, limits);
    }),
    { numRuns: 300 },
  );
});

test("no text crashes it, nor any damage to an event", () => {
  const damaged = fc
    .tuple(event, fc.nat(), fc.nat({ max: 3 }), fc.string({ unit: "binary", maxLength: 3 }))
    .map(([json, at, cut, text]) => {
      const whole = JSON.stringify(json);
      const from = at % whole.length;
      return whole.slice(0, from) + text + whole.slice(from + cut);
    });
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), damaged), (text) => {
      const body = normaliseBody(encoder.encode(text), limits);
      const item = normaliseJsonItem(text, limits);
      for (const { rejection } of [body, item].filter((result) => !result.ok) as { rejection: { message: string } }[]) {
        expect(rejection.message.length).toBeLessThan(400);
        expect(rejection.message.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 600 },
  );
});

test("no JSON crashes it", () => {
  fc.assert(
    fc.property(fc.oneof(anything, fc.array(anything), fc.record({ events: fc.array(anything) })), (json) => {
      normaliseBody(encoder.encode(JSON.stringify(json)), limits);
    }),
    { numRuns: 300 },
  );
});

test("what is accepted survives encoding and is accepted again from its raw JSON", () => {
  fc.assert(
    fc.property(event, (json) => {
      const accepted = eventOf(json);
      expect(decoded(accepted.payload)).toEqual(accepted.payload.value);
      expect(normaliseJsonItem(accepted.rawJson, limits)).toEqual({ ok: true, event: accepted });
      const typed = acceptTyped(accepted.payload, accepted.eventTime, limits);
      expect(typed).toMatchObject({ ok: true, event: { payload: accepted.payload, eventTime: accepted.eventTime } });
    }),
    { numRuns: 300 },
  );
});

test("the spelling and order of keys, and unknown keys, change nothing", () => {
  fc.assert(
    fc.property(event, fc.nat({ max: 5 }), (json, seed) => {
      const { rawJson: _, ...plain } = eventOf(json);
      const { rawJson: __, ...other } = eventOf(disguised(json, seed));
      const sorted = (event: typeof plain) => ({ ...event, notes: [...event.notes].sort() });
      expect(sorted(other)).toEqual(sorted(plain));
    }),
    { numRuns: 300 },
  );
});

test("the content of an event is that of its members, whatever their order", () => {
  fc.assert(
    fc.property(event, (json) => {
      const reversed = disguised(json, 0, true);
      expect(contentDigestInput(eventOf(JSON.stringify(reversed, null, 3)))).toBe(contentDigestInput(eventOf(json)));
    }),
    { numRuns: 200 },
  );
});

test("each event of a batch keeps its own text", () => {
  const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
  const element = fc.oneof(event, anything);
  fc.assert(
    fc.property(
      fc.array(element, { minLength: 1 }),
      space,
      fc.nat({ max: 4 }),
      fc.boolean(),
      (list, gap, indent, bare) => {
        const array = `[${gap}${list.map((json) => JSON.stringify(json, null, indent)).join(`${gap},${gap}`)}${gap}]`;
        const items = itemsOf(bare ? array : `{"x":"events",${gap}"events"${gap}:${gap}${array}${gap}}`);
        const texts = items.map((item) => (item.ok ? item.event.rawJson : item.raw));
        expect(texts).toEqual(list.map((json) => JSON.stringify(json, null, indent)));
      },
    ),
    { numRuns: 300 },
  );
});
