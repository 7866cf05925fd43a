/** Applies plans to encoded messages, without decoding them. */
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { WireReader } from "../wire/wire-reader.ts";
import { WireRewriter } from "../wire/wire-rewriter.ts";
import type { MessagePlan, Step } from "./mask-plan.ts";
import type { MaskAction } from "./mask-profile.ts";
import { TextMask } from "./mask-text.ts";
import { Parties } from "./parties.ts";

const withheld = EventSchema.field.withheld.number;
const withheldTrue = Uint8Array.of(withheld << 3, 1);

export class Masker {
  readonly #reader = new WireReader(new Uint8Array(0));
  readonly #rewriter = new WireRewriter();
  readonly #parties = new Parties();
  readonly #text: TextMask;

  constructor(hashKey: Uint8Array | undefined) {
    this.#text = new TextMask(hashKey);
  }

  /**
   * An Event as the plan shows it, which tells when anything was withheld.
   *
   * @param isFramed the bytes are a field that holds the Event, with its tag and length
   */
  event(plan: MessagePlan, bytes: Uint8Array, isFramed: boolean): Uint8Array {
    const reader = this.#reader;
    this.#begin(bytes);
    if (isFramed) {
      reader.next(bytes.length);
      this.#rewriter.enter(reader.valueAt, reader.contentAt);
      reader.at = reader.contentAt;
    }
    const start = reader.at;
    const isRedacted = plan.whileRedacted !== undefined && this.#parties.isRedactedEvent(bytes, start);
    const isTold = this.#walkEvent((isRedacted && plan.whileRedacted) || plan, start, bytes.length);
    if (this.#rewriter.changed && !isTold) this.#rewriter.insertAtMark(withheldTrue);
    if (isFramed) this.#rewriter.leave(bytes.length);
    return this.#rewriter.finish();
  }

  /** A Session or an Agent as the plan shows it. */
  message(plan: MessagePlan, bytes: Uint8Array): Uint8Array {
    this.#begin(bytes);
    this.#walk(plan, 0, bytes.length);
    return this.#rewriter.finish();
  }

  #begin(bytes: Uint8Array): void {
    this.#rewriter.begin(bytes);
    this.#reader.moveTo(bytes, 0);
  }

  /** True when the event tells already that something was withheld. */
  #walkEvent(plan: MessagePlan, start: number, end: number): boolean {
    const reader = this.#reader;
    let isTold = false;
    let isMarked = false;
    while (reader.next(end)) {
      if (reader.field === withheld) isTold = reader.number() !== 0;
      else if (reader.field > withheld && !isMarked) {
        this.#rewriter.mark(reader.tagAt);
        isMarked = true;
      }
      this.#applyField(plan, start, end);
    }
    return isTold;
  }

  #walk(plan: MessagePlan, start: number, end: number): void {
    const reader = this.#reader;
    const tellsOfRedaction = plan.message === SessionSchema;
    const isRedacted = tellsOfRedaction && this.#parties.surveySession(reader.bytes, start, end);
    const inForce = (isRedacted && plan.whileRedacted) || plan;
    while (reader.next(end)) this.#applyField(inForce, start, end);
  }

  /** Does what the plan says with the field read last, of the message from `start` to `end`. */
  #applyField(plan: MessagePlan, start: number, end: number): void {
    const reader = this.#reader;
    const step = plan.steps[reader.field];
    if (step === undefined) {
      if (!plan.keepsUnknown) this.#rewriter.cut(reader.tagAt, reader.end);
    } else if (step.within !== undefined) {
      this.#walkWithin(step.within);
    } else {
      this.#apply(this.#actionOf(step, start, end));
    }
  }

  #walkWithin(plan: MessagePlan): void {
    const { valueAt, contentAt, end } = this.#reader;
    this.#rewriter.enter(valueAt, contentAt);
    this.#reader.at = contentAt;
    this.#walk(plan, contentAt, end);
    this.#rewriter.leave(end);
  }

  #actionOf({ action, party, agentAction }: Step, start: number, end: number): MaskAction {
    if (party === undefined) return action;
    const { bytes, contentAt, end: endOfValue } = this.#reader;
    return this.#parties.isAgent(party, bytes, start, end, contentAt, endOfValue) ? agentAction : action;
  }

  #apply(action: MaskAction): void {
    if (action === "show") return;
    const { bytes, tagAt, valueAt, contentAt, end } = this.#reader;
    if (action === "drop") return this.#rewriter.cut(tagAt, end);
    if (contentAt === end) return;
    if (action === "hash") this.#text.hash(bytes, contentAt, end);
    else this.#text.lastFour(bytes, contentAt, end);
    if (!this.#text.differs(bytes, contentAt, end)) return;
    this.#rewriter.replaceText(valueAt, end, this.#text.bytes, this.#text.length);
  }
}
