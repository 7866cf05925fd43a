/** Masks of messages that are larger than what others are written into one after the other. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { createMask } from "../../src/masking/mask.ts";
import { maskProfile } from "../../src/masking/mask-profile.ts";
import { Survey } from "../../src/masking/survey.ts";
import { referenceMask } from "./reference-mask.ts";

function eventOf(bytes: number, seed: number): Uint8Array {
  const participants = Array.from({ length: 3 }, (_, index) => ({
    participantId: `p${seed}-${index}`,
    type: index === 0 ? ParticipantType.AGENT : ParticipantType.EXTERNAL,
    name: "é".repeat(bytes / 12),
    agentNumber: "+15550100".repeat(1 + bytes / 54),
  }));
  const value = {
    callId: `call-${seed}`,
    initiator: `p${seed}-1`,
    queuePathNames: ["q".repeat(bytes / 6)],
    participants,
  };
  return toBinary(EventSchema, create(EventSchema, { offset: BigInt(seed + 1), payload: { case: "call", value } }));
}

const profiles = [
  maskProfile({ id: "stars", personal: "last_four" }),
  maskProfile({ id: "hashed", personal: "hash", hashKey: new Uint8Array(32) }),
  maskProfile({ id: "dropped", fields: { "Participant.name": "show" } }),
];

it("any sizes in a row are masked as the reference does, and what was given before stays as it was", () => {
  const sizes = [60, 600, 6_000, 30_000, 66_000, 250_000, 60, 33_000, 1_200, 64_000, 600];
  const given = profiles.flatMap((profile) => {
    const mask = createMask(profile);
    return Array.from({ length: 60 }, (_, index) => {
      const bytes = eventOf(sizes[index % sizes.length]!, index);
      return { masked: mask.event(bytes), bytes, profile };
    });
  });
  for (const { masked, bytes, profile } of given) {
    expect(Buffer.compare(masked, toBinary(EventSchema, referenceMask(EventSchema, bytes, profile) as never))).toBe(0);
  }
});

it("masks that share a survey give what each gives alone", () => {
  const survey = new Survey();
  for (const size of [60, 6_000, 600]) {
    const bytes = eventOf(size, size);
    survey.event(bytes, false);
    for (const profile of [...profiles, ...profiles]) {
      const mask = createMask(profile);
      const shared = mask.surveyedEvent(survey);
      expect(fromBinary(EventSchema, shared)).toEqual(fromBinary(EventSchema, mask.event(bytes)));
    }
  }
});

it("a mask that is made later finds in a survey what no mask before it changed", () => {
  const survey = new Survey();
  const bytes = eventOf(600, 1);
  createMask(profiles[0]!);
  survey.event(bytes, false);
  const late = maskProfile({ id: "late", fields: { "CallEvent.queue_path_names": "drop" } });
  const masked = createMask(late).surveyedEvent(survey);
  expect(Buffer.compare(masked, toBinary(EventSchema, referenceMask(EventSchema, bytes, late) as never))).toBe(0);
});
