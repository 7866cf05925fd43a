/** Events of the live stream as each mask shows them: every event once a mask and view, however many feeds want it. */
import { type EncodedBlock, frameAt, fullFrame, tailAt } from "../log/block.ts";
import { type Mask, maskOf } from "../masking/mask.ts";
import { type MaskProfile, maskKey } from "../masking/mask-profile.ts";
import { Survey } from "../masking/survey.ts";

type View = "basic" | "full";
type FrameOf = (block: EncodedBlock, ordinal: number) => Uint8Array;

const plain: Record<View, FrameOf> = {
  basic: frameAt,
  full: (block, ordinal) => fullFrame(frameAt(block, ordinal), tailAt(block, ordinal)),
};

export class MaskedFrames {
  readonly #shared = new Map<string, FrameOf>();
  readonly #surveys: Record<View, BlockSurveys> = {
    basic: new BlockSurveys(plain.basic),
    full: new BlockSurveys(plain.full),
  };

  /** Gives the frames of a view as a profile shows them. */
  frames(view: View, profile: MaskProfile | undefined): FrameOf {
    if (profile === undefined) return plain[view];
    const key = `${view} ${maskKey(profile)}`;
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = sharedFrames(this.#surveys[view], maskOf(profile)!);
      this.#shared.set(key, shared);
    }
    return shared;
  }
}

/** What was made of the newest block's events is kept until the next one comes. */
function sharedFrames(surveys: BlockSurveys, mask: Mask): FrameOf {
  let newest: EncodedBlock | undefined;
  let frames: (Uint8Array | undefined)[] = [];
  return (block, ordinal) => {
    if (block !== newest) {
      newest = block;
      frames = new Array<Uint8Array | undefined>(block.offsets.length);
    }
    frames[ordinal] ??= mask.surveyedEvent(surveys.of(block, ordinal));
    return frames[ordinal];
  };
}

/** Surveys that are kept; events of a block beyond them are surveyed for each mask. */
const maxKept = 256;

/** The surveys of the newest block's events, which all masks of a view share. */
class BlockSurveys {
  readonly #frameOf: FrameOf;
  readonly #kept: Survey[] = [];
  readonly #spare = new Survey();
  #newest: EncodedBlock | undefined;

  constructor(frameOf: FrameOf) {
    this.#frameOf = frameOf;
  }

  /** Of an event's frame; to be used before the next one is asked for. */
  of(block: EncodedBlock, ordinal: number): Survey {
    if (block !== this.#newest) {
      this.#newest = block;
      for (const kept of this.#kept) kept.forget();
    }
    if (ordinal >= maxKept) {
      this.#spare.event(this.#frameOf(block, ordinal), true);
      return this.#spare;
    }
    while (this.#kept.length <= ordinal) this.#kept.push(new Survey());
    const survey = this.#kept[ordinal]!;
    if (!survey.isCurrent) survey.event(this.#frameOf(block, ordinal), true);
    return survey;
  }
}
