/** Applies plans to encoded messages, without decoding them. */
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { WireRewriter } from "../wire/wire-rewriter.ts";
import { partOf } from "./classified-fields.ts";
import type { MaskPlan } from "./mask-plan.ts";
import type { MaskAction } from "./mask-profile.ts";
import { TextMask } from "./mask-text.ts";
import { type Survey, surveyedFields } from "./survey.ts";

const withheldTrue = Uint8Array.of(EventSchema.field.withheld.number << 3, 1);
const sessionIds = surveyedFields.flatMap((field, id) => (field && partOf(field) === SessionSchema ? [id] : []));

export class Masker {
  readonly #rewriter = new WireRewriter();
  readonly #text: TextMask;

  constructor(hashKey: Uint8Array | undefined) {
    this.#text = new TextMask(hashKey);
  }

  /** An Event as the plan shows it, which tells when anything was withheld. */
  event(plan: MaskPlan, survey: Survey): Uint8Array {
    const rewriter = this.#rewriter;
    const inForce = (survey.isRedacted && plan.whileRedacted) || plan;
    rewriter.begin(survey.bytes);
    if (survey.lengthAt >= 0) rewriter.enter(survey.lengthAt, survey.start);
    const { length, tellAt } = survey;
    let field = 0;
    for (; field < length && survey.tagAt(field) < tellAt; field = survey.next(field)) {
      this.#applyTo(field, inForce, survey);
    }
    rewriter.mark(tellAt);
    this.#apply(inForce, survey, field, length);
    if (rewriter.changed && !survey.isTold) rewriter.insertAtMark(withheldTrue);
    if (survey.lengthAt >= 0) rewriter.leave(survey.bytes.length);
    return rewriter.finish();
  }

  /** A Session or an Agent as the plan shows it. */
  message(plan: MaskPlan, survey: Survey): Uint8Array {
    this.#rewriter.begin(survey.bytes);
    this.#apply((survey.isRedacted && plan.whileRedacted) || plan, survey, 0, survey.length);
    return this.#rewriter.finish();
  }

  /** Does what the plan says with the fields from one to before another, of the same message. */
  #apply(plan: MaskPlan, survey: Survey, from: number, to: number): void {
    for (let field = from; field < to; field = survey.next(field)) this.#applyTo(field, plan, survey);
  }

  #applyTo(field: number, plan: MaskPlan, survey: Survey): void {
    const id = survey.id(field);
    const step = plan.steps[id]!;
    if (step === "show") return;
    if (step === "within") this.#applyWithin(field, plan, survey);
    else if (step !== "by_party") this.#act(step, field, survey);
    else this.#act(survey.isAgent(field) ? plan.agentActions[id]! : plan.actions[id]!, field, survey);
  }

  #applyWithin(field: number, plan: MaskPlan, survey: Survey): void {
    const isRedacted = sessionIds.includes(survey.id(field)) && survey.hasRedacted(field);
    const inForce = (isRedacted && plan.whileRedacted) || plan;
    this.#rewriter.enter(survey.valueAt(field), survey.contentAt(field));
    this.#apply(inForce, survey, survey.first(field), survey.next(field));
    this.#rewriter.leave(survey.end(field));
  }

  #act(action: MaskAction, field: number, survey: Survey): void {
    if (action === "show") return;
    const { bytes } = survey;
    const end = survey.end(field);
    if (action === "drop") return this.#rewriter.cut(survey.tagAt(field), end);
    const contentAt = survey.contentAt(field);
    if (contentAt === end) return;
    if (action === "hash") this.#text.hash(bytes, contentAt, end);
    else this.#text.lastFour(bytes, contentAt, end);
    if (!this.#text.differs(bytes, contentAt, end)) return;
    this.#rewriter.replaceText(survey.valueAt(field), end, this.#text.bytes, this.#text.length);
  }
}
