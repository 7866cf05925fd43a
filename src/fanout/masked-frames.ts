/** Events of the live stream as each mask shows them: every event once a mask and view, however many feeds want it. */
import { type EncodedBlock, frameAt, fullFrame, maskFrame, tailAt } from "../log/block.ts";
import { type Mask, maskOf } from "../masking/mask.ts";
import { type MaskProfile, maskKey } from "../masking/mask-profile.ts";

type View = "basic" | "full";
type FrameOf = (block: EncodedBlock, ordinal: number) => Uint8Array;

const plain: Record<View, FrameOf> = {
  basic: frameAt,
  full: (block, ordinal) => fullFrame(frameAt(block, ordinal), tailAt(block, ordinal)),
};

export class MaskedFrames {
  readonly #shared = new Map<string, FrameOf>();

  /** Gives the frames of a view as a profile shows them. */
  frames(view: View, profile: MaskProfile | undefined): FrameOf {
    if (profile === undefined) return plain[view];
    const key = `${view} ${maskKey(profile)}`;
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = sharedFrames(plain[view], maskOf(profile)!);
      this.#shared.set(key, shared);
    }
    return shared;
  }
}

/** What was made of the newest block's events is kept until the next one comes. */
function sharedFrames(frameOf: FrameOf, mask: Mask): FrameOf {
  let newest: EncodedBlock | undefined;
  let frames: (Uint8Array | undefined)[] = [];
  return (block, ordinal) => {
    if (block !== newest) {
      newest = block;
      frames = new Array<Uint8Array | undefined>(block.offsets.length);
    }
    frames[ordinal] ??= maskFrame(frameOf(block, ordinal), mask);
    return frames[ordinal];
  };
}
