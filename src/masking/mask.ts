/** What a credential's readers see of events, sessions and agents. */
import { AgentSchema } from "../../gen/ts/callwire/v1/call_pb.ts";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { hiddenFilterFields } from "./filter-fields.ts";
import { isIdle, planOf } from "./mask-plan.ts";
import { type MaskProfile, maskKey, maskProfileProblems } from "./mask-profile.ts";
import { Masker } from "./masker.ts";
import { Survey } from "./survey.ts";

/** Takes and gives encoded messages. What needs no change comes back as the very same array. */
export interface Mask {
  /** Equal for profiles that mask alike, whatever their ids. Holds no secret. */
  readonly key: string;
  /**
   * An Event. `withheld` is true in it when anything was withheld or changed.
   *
   * @param isFramed the bytes are a field that holds it, with its tag and length
   * @throws Error when it is none
   */
  event(bytes: Uint8Array, isFramed?: boolean): Uint8Array;
  /** The Event of a survey, which other masks may share. */
  surveyedEvent(survey: Survey): Uint8Array;
  /** A Session. @throws Error when it is none */
  session(bytes: Uint8Array): Uint8Array;
  /** An Agent. @throws Error when it is none */
  agent(bytes: Uint8Array): Uint8Array;
  /** Whether a field of Filter, by its name in the contract, is compared with values that the mask hides. */
  hides(filterField: string): boolean;
}

function asTheyAre(bytes: Uint8Array): Uint8Array {
  return bytes;
}

/** Of the message that is being masked. */
const survey = new Survey();

/** @throws Error when the profile has problems (`maskProfileProblems`) */
export function createMask(profile: MaskProfile): Mask {
  const problems = maskProfileProblems(profile);
  if (problems.length > 0) throw new Error(`masking profile ${profile.id}: ${problems.join("; ")}`);
  const masker = new Masker(profile.hashKey);
  const plan = planOf(profile);
  const event = (bytes: Uint8Array, isFramed = false): Uint8Array => {
    survey.event(bytes, isFramed);
    return masker.event(plan, survey);
  };
  const message = (type: typeof SessionSchema | typeof AgentSchema) => (bytes: Uint8Array) => {
    survey.message(type, bytes);
    return masker.message(plan, survey);
  };
  return {
    key: maskKey(profile),
    event: isIdle(plan, EventSchema) ? asTheyAre : event,
    surveyedEvent: isIdle(plan, EventSchema) ? (of) => of.bytes : (of) => masker.event(plan, of.current()),
    session: isIdle(plan, SessionSchema) ? asTheyAre : message(SessionSchema),
    agent: isIdle(plan, AgentSchema) ? asTheyAre : message(AgentSchema),
    hides: hiddenFilterFields(profile),
  };
}

const made = new Map<string, Mask>();
const maxMade = 256;

/** As {@link createMask}; those that were made are kept, since making one takes a millisecond. */
export function maskOf(profile: MaskProfile | undefined): Mask | undefined {
  if (profile === undefined) return undefined;
  const key = maskKey(profile);
  let mask = made.get(key);
  if (mask === undefined) {
    mask = createMask(profile);
    if (made.size >= maxMade) made.delete(made.keys().next().value!);
    made.set(key, mask);
  }
  return mask;
}
