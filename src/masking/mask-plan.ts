/** What a profile does with each field, worked out once. */
import type { DescMessage } from "@bufbuild/protobuf";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { FieldClass } from "../../gen/ts/callwire/v1/policy_pb.ts";
import { SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { classOf, partOf } from "./classified-fields.ts";
import { actionOn, type MaskAction, type MaskProfile, masksAnything } from "./mask-profile.ts";
import { partyRules } from "./parties.ts";
import { surveyedFields, surveyFields } from "./survey.ts";

/** `within`: something in the messages of the field may change. `by_party`: it depends on whether the field names an agent. */
export type Step = MaskAction | "within" | "by_party";

export interface MaskPlan {
  /** By the fields' numbers in `surveyedFields`. */
  steps: readonly Step[];
  /** What is done where a field names somebody else, and where it names an agent. */
  actions: readonly MaskAction[];
  agentActions: readonly MaskAction[];
  /** What is done while a party is redacted, where that is something else. */
  whileRedacted: MaskPlan | undefined;
}

const tellsOfRedaction: ReadonlySet<DescMessage> = new Set<DescMessage>([EventSchema, SessionSchema]);

function planWhen(isRedacted: boolean, profile: MaskProfile): MaskPlan {
  const keepsUnknown = !isRedacted && !masksAnything(profile);
  const actions = surveyedFields.map((field): MaskAction => {
    if (field === undefined) return keepsUnknown ? "show" : "drop";
    return isRedacted && classOf(field) === FieldClass.SENSITIVE ? "drop" : actionOn(field, profile);
  });
  const agentActions = surveyedFields.map((field, id) =>
    field !== undefined && partyRules.has(field) ? actionOn(field, profile, FieldClass.PUBLIC) : actions[id]!,
  );
  const whileRedacted = isRedacted || profile.privileged ? undefined : planWhen(true, profile);
  const steps = surveyedFields.map((_, id): Step => (agentActions[id] === actions[id] ? actions[id]! : "by_party"));
  const plan = { steps, actions, agentActions, whileRedacted };
  surveyedFields.forEach((field, id) => {
    const part = field && partOf(field);
    if (steps[id] === "show" && part !== undefined && !isIdle(plan, part)) steps[id] = "within";
  });
  return plan;
}

/** Whether the plan leaves every message of a type as it is. */
export function isIdle(plan: MaskPlan, message: DescMessage): boolean {
  if (plan.actions[0] !== "show" || (plan.whileRedacted !== undefined && tellsOfRedaction.has(message))) return false;
  return message.fields.every((field) => {
    const id = surveyedFields.indexOf(field);
    const part = partOf(field);
    const isShown = plan.actions[id] === "show" && plan.agentActions[id] === "show";
    return isShown && (part === undefined || isIdle(plan, part));
  });
}

function changedBy({ steps, whileRedacted }: MaskPlan): number[] {
  const ids = steps.flatMap((step, id) => (step === "show" ? [] : [id]));
  return whileRedacted === undefined ? ids : [...ids, ...changedBy(whileRedacted)];
}

/** The plan of a profile that has no problems; surveys tell where what it changes is. */
export function planOf(profile: MaskProfile): MaskPlan {
  const plan = planWhen(false, profile);
  surveyFields(changedBy(plan));
  return plan;
}
