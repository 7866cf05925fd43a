import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { AgentSchema } from "../../gen/ts/callwire/v1/call_pb.ts";
import { type CallEvent, type Event, EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { type Session, SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { createMask } from "../../src/masking/mask.ts";
import { type MaskProfile, maskProfile, unmasked } from "../../src/masking/mask-profile.ts";

const hashKey = new Uint8Array(32).fill(7);
const { AGENT, EXTERNAL, UNSPECIFIED } = ParticipantType;

type CallInit = MessageInitShape<typeof EventSchema> & { call?: Record<string, unknown> };

function encodeEvent({ call = {}, ...event }: CallInit): Uint8Array {
  const init = { offset: 7n, ...event, payload: { case: "call", value: call } } as MessageInitShape<typeof EventSchema>;
  return toBinary(EventSchema, create(EventSchema, init));
}

function maskEvent(profile: Partial<MaskProfile>, init: CallInit): Event {
  const masked = createMask(maskProfile({ id: "vendor", ...profile })).event(encodeEvent(init));
  return fromBinary(EventSchema, masked);
}

function maskCall(profile: Partial<MaskProfile>, call: Record<string, unknown>): CallEvent {
  return maskEvent(profile, { call }).payload.value as CallEvent;
}

function maskSession(profile: Partial<MaskProfile>, init: MessageInitShape<typeof SessionSchema>): Session {
  const bytes = toBinary(SessionSchema, create(SessionSchema, init));
  return fromBinary(SessionSchema, createMask(maskProfile({ id: "vendor", ...profile })).session(bytes));
}

describe("what becomes of a text", () => {
  const numberAfter = (profile: Partial<MaskProfile>, agentNumber: string) =>
    maskCall(profile, { agentNumber }).agentNumber;

  test("drop leaves it out", () => {
    expect(numberAfter({ personal: "drop" }, "+15550001234")).toBe("");
  });

  test.each([
    ["+15550001234", "********1234"],
    ["12345", "*2345"],
    ["1234", "****"],
    ["1", "*"],
    ["", ""],
    ["名前はアンナ", "**はアンナ"],
    ["ab😀cdé", "**😀cdé"],
  ])("last_four of %j is %j", (text, masked) => {
    expect(numberAfter({ personal: "last_four" }, text)).toBe(masked);
  });

  test("hash is a stable keyed hash of 16 bytes", () => {
    const hashed = numberAfter({ personal: "hash", hashKey }, "+15550001234");
    expect(hashed).toMatch(/^h_[0-9a-f]{32}$/);
    expect(numberAfter({ personal: "hash", hashKey }, "+15550001234")).toBe(hashed);
    expect(numberAfter({ personal: "hash", hashKey: hashKey.map((byte) => byte + 1) }, "+15550001234")).not.toBe(
      hashed,
    );
    expect(numberAfter({ personal: "hash", hashKey }, "+15550001235")).not.toBe(hashed);
  });

  test("equal values have equal hashes in any field, and e-mail addresses in any case", () => {
    const call = maskCall(
      { personal: "hash", hashKey },
      { initiator: "+1555", agentNumber: "+1555", participants: [{ participantId: "+1555", type: EXTERNAL }] },
    );
    expect(call.initiator).toMatch(/^h_/);
    expect(new Set([call.initiator, call.agentNumber, call.participants[0]!.participantId]).size).toBe(1);
    const email = (text: string) => numberAfter({ personal: "hash", hashKey }, text);
    expect(email("Ann@Example.com")).toBe(email("ann@example.COM"));
    expect(email("ANN")).not.toBe(email("ann"));
  });

  test("what is no text is dropped by a class that hashes", () => {
    const customHeaders = { kind: { case: "stringValue", value: "x" } };
    expect(maskCall({ sensitive: "hash", hashKey }, { customHeaders }).customHeaders).toBeUndefined();
  });

  test("lists are masked value by value", () => {
    const masked = maskSession({ personal: "last_four" }, { externalIds: ["+15550001234", "12"] });
    expect(masked.externalIds).toEqual(["********1234", "**"]);
    expect(maskSession({}, { externalIds: ["+15550001234"] }).externalIds).toEqual([]);
  });

  test("a text that grows past the length that one byte tells keeps the message whole", () => {
    const participants = [{ participantId: "+1555", type: EXTERNAL, name: "n".repeat(80), mediaId: "m" }];
    const [party] = maskCall({ personal: "hash", hashKey }, { participants }).participants;
    expect(party!.mediaId).toBe("m");
    expect(party!.name).toMatch(/^h_/);
  });
});

describe("whom a value names", () => {
  const participants = [
    { participantId: "+1555", type: EXTERNAL },
    { participantId: "1234", type: AGENT },
    { participantId: "99", type: UNSPECIFIED },
  ];

  test("an agent's id is shown, any other party's is not", () => {
    const ids = maskCall({}, { participants }).participants.map(({ participantId }) => participantId);
    expect(ids).toEqual([undefined, "1234", undefined]);
  });

  test.each([
    ["1234", "1234"],
    ["agent_1234", "agent_1234"],
    ["+1555", ""],
    ["99", ""],
    ["nobody", ""],
  ])("an initiator %j is shown as %j", (initiator, shown) => {
    expect(maskCall({}, { initiator, participants }).initiator).toBe(shown);
  });

  test("an initiator that an agent and somebody else could be is not shown", () => {
    const both = [...participants, { participantId: "1234", type: EXTERNAL }];
    expect(maskCall({}, { initiator: "1234", participants: both }).initiator).toBe("");
  });

  test("a session shows the spans and the initiator of agents alone", () => {
    const spans = [1, 2, 3].map((leg) => ({ leg, participantId: `of leg ${leg}` }));
    const masked = maskSession(
      {},
      {
        initiator: "1234",
        participants: [
          { leg: 1, type: EXTERNAL, participantId: "+1555" },
          { leg: 2, type: AGENT, participantId: "1234" },
        ],
        holdSpans: spans,
        muteSpans: spans,
        redactionSpans: spans,
        agents: [{ leg: 2, agentId: "1234", email: "ann@example.com" }],
      },
    );
    const shown = [undefined, "of leg 2", undefined];
    for (const list of [masked.holdSpans, masked.muteSpans, masked.redactionSpans]) {
      expect(list.map(({ participantId }) => participantId)).toEqual(shown);
    }
    expect(masked.initiator).toBe("1234");
    expect(masked.agents).toMatchObject([{ agentId: "1234", email: "" }]);
  });

  test("an agent known from the agents of a session may be its initiator", () => {
    expect(maskSession({}, { initiator: "7", agents: [{ agentId: "7" }] }).initiator).toBe("7");
    expect(maskSession({}, { initiator: "agent_7", lastAgentId: "7" }).initiator).toBe("agent_7");
    expect(maskSession({}, { initiator: "+1555", firstAgentId: "7" }).initiator).toBe("");
  });

  test("an action on the field itself goes before the party", () => {
    const fields = { "Participant.participant_id": "last_four", "CallEvent.initiator": "show" } as const;
    const call = maskCall({ fields }, { initiator: "+1555", participants });
    expect(call.initiator).toBe("+1555");
    expect(call.participants[1]!.participantId).toBe("****");
  });
});

describe("the source's own text", () => {
  const init: CallInit = {
    rawJson: "{}",
    call: { customHeaders: { kind: { case: "stringValue", value: "x" } } },
    session: { seal: { eventCount: 3n, digest: Uint8Array.of(1, 2) } },
  };

  test("is dropped by any profile that masks anything", () => {
    const event = maskEvent({ personal: "show", sensitive: "show", fields: { "AgentEvent.email": "drop" } }, init);
    expect(event).toMatchObject({ rawJson: "", withheld: true, session: { seal: { eventCount: 3n } } });
    expect(event.session!.seal!.digest).toHaveLength(0);
    expect((event.payload.value as CallEvent).customHeaders).toBeUndefined();
  });

  test("is shown by a profile that masks nothing", () => {
    const bytes = encodeEvent(init);
    expect(createMask(unmasked).event(bytes)).toBe(bytes);
  });
});

describe("while a party is redacted", () => {
  const init: CallInit = {
    redactionActive: true,
    rawJson: "{}",
    call: { callId: "c", disposition: { code: "1", note: "n" } },
  };
  const noteOf = (event: Event) => (event.payload.value as CallEvent).disposition!.note;

  test("sensitive fields are withheld from who sees everything otherwise", () => {
    const event = maskEvent(unmasked, init);
    expect(event).toMatchObject({ rawJson: "", withheld: true });
    expect(noteOf(event)).toBe("");
  });

  test("sensitive fields are withheld whatever the actions", () => {
    const fields = { "Disposition.note": "show" } as const;
    expect(noteOf(maskEvent({ fields }, { ...init, redactionActive: false }))).toBe("n");
    expect(noteOf(maskEvent({ fields }, init))).toBe("");
  });

  test("the privileged see what their profile shows", () => {
    const bytes = encodeEvent(init);
    expect(createMask({ ...unmasked, privileged: true }).event(bytes)).toBe(bytes);
    expect(noteOf(maskEvent({ sensitive: "last_four", privileged: true }, init))).toBe("*");
  });

  test("sessions are judged by their participants", () => {
    const session = (redacted: boolean) =>
      maskSession(unmasked, { participants: [{ leg: 1, redacted }], seal: { digest: Uint8Array.of(1) } });
    expect(session(false).seal!.digest).toHaveLength(1);
    expect(session(true).seal!.digest).toHaveLength(0);
  });

  test("a session within an event is judged by both", () => {
    const session = { participants: [{ leg: 1, redacted: true }], seal: { digest: Uint8Array.of(1) } };
    const event = maskEvent(unmasked, { session });
    expect(event.withheld).toBe(true);
    expect(event.session!.seal!.digest).toHaveLength(0);
  });
});

describe("an event", () => {
  test("that needs no change is the same array", () => {
    const bytes = encodeEvent({ call: { callId: "c", queuePathNames: ["support"], participants: [{ type: AGENT }] } });
    expect(createMask(maskProfile({ id: "vendor" })).event(bytes)).toBe(bytes);
  });

  test("tells that something was withheld, once", () => {
    const bytes = encodeEvent({ withheld: true, call: { initiator: "+1555" } });
    const masked = createMask(maskProfile({ id: "vendor" })).event(bytes);
    expect(fromBinary(EventSchema, masked)).toMatchObject({ withheld: true });
    expect(masked).toEqual(encodeEvent({ withheld: true }));
  });

  test("of an agent loses the e-mail address alone", () => {
    const payload = { case: "agent", value: { participantId: "1234", email: "ann@example.com" } } as const;
    const bytes = toBinary(EventSchema, create(EventSchema, { payload }));
    const masked = fromBinary(EventSchema, createMask(maskProfile({ id: "vendor" })).event(bytes));
    expect(masked.payload.value).toMatchObject({ participantId: "1234", email: "" });
  });

  test("without a payload stays", () => {
    const bytes = toBinary(EventSchema, create(EventSchema, { offset: 1n }));
    expect(createMask(maskProfile({ id: "vendor" })).event(bytes)).toBe(bytes);
    expect(createMask(maskProfile({ id: "vendor" })).event(new Uint8Array(0))).toEqual(new Uint8Array(0));
  });

  test("loses fields that the gateway doesn't know, at any depth, to any mask", () => {
    const participants = [{ type: AGENT }];
    const known = encodeEvent({ withheld: true, call: { participants } });
    const event = fromBinary(EventSchema, encodeEvent({ call: { participants } }));
    const unknown = [{ no: 900, wireType: 2, data: Uint8Array.of(1, 0x78) }];
    event.$unknown = unknown;
    (event.payload.value as CallEvent).participants[0]!.$unknown = unknown;
    const bytes = toBinary(EventSchema, event);
    expect(createMask(unmasked).event(bytes)).toBe(bytes);
    expect(createMask(maskProfile({ id: "vendor" })).event(bytes)).toEqual(known);
    event.redactionActive = true;
    const redacted = createMask(unmasked).event(toBinary(EventSchema, event));
    expect(redacted).toEqual(encodeEvent({ withheld: true, redactionActive: true, call: { participants } }));
  });

  test("that is none is refused", () => {
    const { event } = createMask(maskProfile({ id: "vendor" }));
    expect(() => event(Uint8Array.of(0x0a, 5, 1))).toThrow("field 1 is longer than its message");
    expect(() => event(Uint8Array.of(0x0b))).toThrow("unknown wire type 3");
    expect(() => event(new Uint8Array(12).fill(0xff))).toThrow("a number does not end");
  });
});

test("an agent's e-mail address is masked, the id is not", () => {
  const bytes = toBinary(AgentSchema, create(AgentSchema, { agentId: "1234", email: "ann@example.com" }));
  const masked = createMask(maskProfile({ id: "vendor" })).agent(bytes);
  expect(fromBinary(AgentSchema, masked)).toMatchObject({ agentId: "1234", email: "" });
  expect(createMask(unmasked).agent(bytes)).toBe(bytes);
});

test("a profile with problems makes no mask", () => {
  expect(() => createMask(maskProfile({ id: "vendor", personal: "hash" }))).toThrow(
    "masking profile vendor: hash needs a key of at least 32 bytes",
  );
});

describe("the key of a mask", () => {
  const key = (given: Partial<MaskProfile>) => createMask(maskProfile({ id: "vendor", ...given })).key;

  test("is equal for profiles that mask alike", () => {
    const fields = { "AgentEvent.email": "show", "Agent.email": "show" } as const;
    const reversed = { "Agent.email": "show", "AgentEvent.email": "show" } as const;
    expect(key({ id: "a", fields })).toBe(key({ id: "b", fields: reversed }));
    expect(key({ personal: "hash", hashKey })).toBe(key({ personal: "hash", hashKey: hashKey.slice() }));
  });

  test("differs where they don't, and does not tell the hash key", () => {
    const other = hashKey.map((byte) => byte + 1);
    const keys = [
      key({}),
      key({ personal: "show" }),
      key({ sensitive: "show" }),
      key({ privileged: true }),
      key({ fields: { "Agent.email": "show" } }),
      key({ personal: "hash", hashKey }),
      key({ personal: "hash", hashKey: other }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.join()).not.toContain(Buffer.from(hashKey).toString("hex"));
  });
});

describe("filters that would tell of what is hidden", () => {
  const all = FilterSchema.fields.map(({ name }) => name);
  const hidden = (given: Partial<MaskProfile>) => all.filter(createMask(maskProfile({ id: "vendor", ...given })).hides);

  test("are none without a mask", () => {
    expect(all.filter(createMask(unmasked).hides)).toEqual([]);
    expect(hidden({ personal: "show", sensitive: "drop" })).toEqual([]);
  });

  test.each(["drop", "last_four", "hash"] as const)("are those by personal values, under %s", (personal) => {
    expect(hidden({ personal, hashKey })).toEqual(["agent_emails", "participant_ids"]);
  });

  test("follow the actions on single fields", () => {
    expect(hidden({ fields: { "AgentEvent.email": "show" } })).toEqual(["participant_ids"]);
    expect(hidden({ fields: { "Participant.participant_id": "show" } })).toEqual(["agent_emails"]);
    expect(hidden({ personal: "show", fields: { "Participant.participant_id": "hash" }, hashKey })).toEqual([
      "agent_ids",
      "participant_ids",
    ]);
    expect(hidden({ personal: "show", fields: { "CallEvent.queue_path_names": "drop" } })).toEqual(["queue_names"]);
  });

  test("follow the actions on what holds the field", () => {
    expect(hidden({ personal: "show", fields: { "CallEvent.participants": "drop" } })).toEqual([
      "agent_ids",
      "participant_states",
      "participant_ids",
      "media_ids",
    ]);
    expect(hidden({ personal: "show", fields: { "Event.chat": "drop" } })).toContain("chat_states");
  });

  test("are also those that are not known", () => {
    expect(createMask(unmasked).hides("initiators")).toBe(true);
  });
});
