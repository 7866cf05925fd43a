import { expect, test } from "vitest";
import { type MaskProfile, maskProfile, maskProfileProblems, unmasked } from "../../src/masking/mask-profile.ts";

const hashKey = new Uint8Array(32).fill(7);

function problems(given: Partial<MaskProfile>): string[] {
  return maskProfileProblems(maskProfile({ id: "vendor", ...given }));
}

test("classes that an operator leaves out are dropped", () => {
  expect(maskProfile({ id: "vendor" })).toEqual({
    id: "vendor",
    personal: "drop",
    sensitive: "drop",
    fields: {},
    hashKey: undefined,
    privileged: false,
  });
});

test("a profile survives being copied to another thread", () => {
  const profile = maskProfile({ id: "vendor", personal: "hash", hashKey });
  expect(structuredClone(profile)).toEqual(profile);
});

test("good profiles have no problems", () => {
  expect(maskProfileProblems(unmasked)).toEqual([]);
  expect(problems({})).toEqual([]);
  expect(problems({ personal: "hash", sensitive: "hash", hashKey })).toEqual([]);
  expect(problems({ fields: { "CallEvent.initiator": "last_four", "CallEvent.disposition": "drop" } })).toEqual([]);
  expect(problems({ fields: { "Event.raw_json": "drop", "Session.external_ids": "last_four" } })).toEqual([]);
});

test.each([
  "__proto__",
  "CallEvent.initator",
  "callwire.v1.CallEvent.initiator",
])("an unknown field is named with the nearest that is known: %s", (name) => {
  const [problem, ...others] = problems({ fields: Object.fromEntries([[name, "drop" as const]]) });
  expect(others).toEqual([]);
  expect(problem).toContain(`fields.${name}: unknown field; did you mean `);
});

test("a field of a message that masks don't read is unknown", () => {
  expect(problems({ fields: { "QuarantinedEvent.content": "show" } })).toHaveLength(1);
  expect(problems({ fields: { "CallEvent.initator": "drop" } })).toEqual([
    "fields.CallEvent.initator: unknown field; did you mean CallEvent.initiator?",
  ]);
});

test("a hash needs a key of 32 bytes, wherever it is asked for", () => {
  const missing = ["hash needs a key of at least 32 bytes"];
  expect(problems({ personal: "hash" })).toEqual(missing);
  expect(problems({ sensitive: "hash", hashKey: hashKey.subarray(1) })).toEqual(missing);
  expect(problems({ fields: { "AgentEvent.email": "hash" } })).toEqual(missing);
});

test("only text can be hashed or cut", () => {
  expect(problems({ hashKey, fields: { "CallEvent.state": "hash", "CallEvent.participants": "last_four" } })).toEqual([
    "fields.CallEvent.state: is no text: it can be shown or dropped, not hash",
    "fields.CallEvent.participants: is no text: it can be shown or dropped, not last_four",
  ]);
});

test("what tells of the mask is always shown", () => {
  expect(problems({ fields: { "Event.withheld": "drop" } })).toEqual([
    "fields.Event.withheld: tells that something was withheld, and is always shown",
  ]);
});

test("a profile that masks anything cannot show the source's own text", () => {
  const problem = "fields.Event.raw_json: holds what other fields hide: a profile that masks anything always drops it";
  expect(problems({ fields: { "Event.raw_json": "show" } })).toEqual([problem]);
  expect(problems({ personal: "show", sensitive: "show", fields: { "Event.raw_json": "last_four" } })).toEqual([
    problem,
  ]);
  expect(problems({ personal: "show", sensitive: "show", fields: { "Event.raw_json": "show" } })).toEqual([]);
});
