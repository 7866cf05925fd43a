/** What a profile does with each field of each message, worked out once. */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { FieldClass } from "../../gen/ts/callwire/v1/policy_pb.ts";
import { SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { classOf, partOf } from "./classified-fields.ts";
import { actionOn, type MaskAction, type MaskProfile, masksAnything } from "./mask-profile.ts";
import { type PartyRule, partyRules } from "./parties.ts";

/** What is done with a field. */
export interface Step {
  action: MaskAction;
  /** The plan of the messages in the field, when something in them may change. */
  within: MessagePlan | undefined;
  /** Given where an agent's value is treated in another way, by `agentAction`. */
  party: PartyRule | undefined;
  agentAction: MaskAction;
}

/** What is done with a message. */
export interface MessagePlan {
  message: DescMessage;
  /** By number; fields without a step are unknown. */
  steps: readonly (Step | undefined)[];
  keepsUnknown: boolean;
  /** What is done while a party is redacted, where that is something else and the message tells of it. */
  whileRedacted: MessagePlan | undefined;
}

const tellsOfRedaction: ReadonlySet<DescMessage> = new Set<DescMessage>([EventSchema, SessionSchema]);

/** Whether the plan leaves every message as it is. */
export function isIdle({ steps, keepsUnknown, whileRedacted }: MessagePlan): boolean {
  return keepsUnknown && whileRedacted === undefined && steps.every((step) => step === undefined || isIdleStep(step));
}

function isIdleStep({ action, agentAction, within }: Step): boolean {
  return action === "show" && agentAction === "show" && within === undefined;
}

function stepOf(field: DescField, profile: MaskProfile, isRedacted: boolean): Step {
  const isWithheld = isRedacted && classOf(field) === FieldClass.SENSITIVE;
  const action = isWithheld ? "drop" : actionOn(field, profile);
  const part = action === "show" ? partOf(field) : undefined;
  const within = part && planWhen(isRedacted, part, profile);
  const rule = partyRules.get(field);
  const agentAction = rule === undefined ? action : actionOn(field, profile, FieldClass.PUBLIC);
  const party = agentAction === action ? undefined : rule;
  return { action, within: within && isIdle(within) ? undefined : within, party, agentAction };
}

function planWhen(isRedacted: boolean, message: DescMessage, profile: MaskProfile): MessagePlan {
  const steps: (Step | undefined)[] = new Array(1 + Math.max(...message.fields.map(({ number }) => number)));
  steps.fill(undefined);
  for (const field of message.fields) steps[field.number] = stepOf(field, profile, isRedacted);
  const changesWhileRedacted = !isRedacted && !profile.privileged && tellsOfRedaction.has(message);
  return {
    message,
    steps,
    keepsUnknown: !isRedacted && !masksAnything(profile),
    whileRedacted: changesWhileRedacted ? planWhen(true, message, profile) : undefined,
  };
}

/** The plan of a message, by a profile that has no problems. */
export function planOf(message: DescMessage, profile: MaskProfile): MessagePlan {
  return planWhen(false, message, profile);
}
