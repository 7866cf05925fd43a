/** Live events as masks show them, whatever order feeds ask in. */
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { SubscribeResponseSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { MaskedFrames } from "../../src/fanout/masked-frames.ts";
import { concat, type EncodedBlock, frameAt } from "../../src/log/block.ts";
import { createMask } from "../../src/masking/mask.ts";
import { maskProfile } from "../../src/masking/mask-profile.ts";

/** More events than surveys are kept of. */
const events = 300;

function blockFrom(first: number): EncodedBlock {
  const frames = Array.from({ length: events }, (_, index) => {
    const value = { callId: `call-${index}`, initiator: `+1555${first + index}`, language: "x".repeat(index % 40) };
    const event = create(EventSchema, { offset: BigInt(first + index), payload: { case: "call", value } });
    return toBinary(SubscribeResponseSchema, create(SubscribeResponseSchema, { events: [event] }));
  });
  const frameEnds = new Uint32Array(events);
  frames.forEach(({ length }, index) => {
    frameEnds[index] = (index === 0 ? 0 : frameEnds[index - 1]!) + length;
  });
  const offsets = Float64Array.from(frames, (_, index) => first + index);
  return { offsets, frames: concat(frames), frameEnds } as EncodedBlock;
}

it("are what each mask gives alone: event by event, block by block, and when another block comes between", () => {
  const profiles = [maskProfile({ id: "dropped" }), maskProfile({ id: "stars", personal: "last_four" })];
  const masked = new MaskedFrames();
  const shown = profiles.map((profile) => ({ frameOf: masked.frames("basic", profile), mask: createMask(profile) }));
  const blocks = [blockFrom(1), blockFrom(1_000)];
  const check = (block: EncodedBlock, ordinal: number, { frameOf, mask }: (typeof shown)[number]): void => {
    const expected = mask.event(frameAt(block, ordinal), true);
    expect(Buffer.compare(frameOf(block, ordinal), expected)).toBe(0);
  };
  for (const block of blocks) {
    for (let ordinal = 0; ordinal < events; ordinal++) for (const one of shown) check(block, ordinal, one);
  }
  for (const block of blocks) {
    for (const one of shown) for (let ordinal = 0; ordinal < events; ordinal++) check(block, ordinal, one);
  }
  for (let ordinal = 0; ordinal < events; ordinal++) {
    for (const one of shown) for (const block of blocks) check(block, ordinal, one);
  }
});
