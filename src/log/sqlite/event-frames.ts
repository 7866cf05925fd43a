/** Events as a plan shows them: masked, and in the FULL view with what belongs to it. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { encodeTail, fullFrame, maskFrame, noBytes } from "../block.ts";
import { decodeEnvelopes } from "../envelope.ts";
import type { KeptBlocks } from "./kept-blocks.ts";
import type { PreparedPlan } from "./prepared-plan.ts";
import type { VisibleSessions } from "./visible-sessions.ts";

/** A block whose events are wanted. */
export interface FrameSource {
  last: number;
  /** Its events. */
  count: number;
  offset(ordinal: number): number;
  /** The BASIC frame of an event. */
  basic(ordinal: number): Uint8Array;
}

/** The envelopes of one append to the log. */
interface Append {
  first: number;
  last: number;
  envelopes: ReturnType<typeof decodeEnvelopes>;
}

export class EventFrames {
  readonly #blocks: KeptBlocks;
  readonly #visible: VisibleSessions;
  readonly #envelopes: StatementSync;

  constructor(database: DatabaseSync, blocks: KeptBlocks, visible: VisibleSessions) {
    this.#blocks = blocks;
    this.#visible = visible;
    this.#envelopes = database.prepare(
      "SELECT first, last, envelopes FROM log_block WHERE tenant = ? AND last >= ? ORDER BY last LIMIT 1",
    );
  }

  /** Gives the frames of a block's events by ordinal. What the BASIC view does not need is not read. */
  of(tenant: number, plan: PreparedPlan, source: FrameSource): (ordinal: number) => Uint8Array {
    const { mask } = plan;
    const { last, count } = source;
    const basic = (ordinal: number): Uint8Array => source.basic(ordinal);
    if (plan.view === "basic") return mask === undefined ? basic : (ordinal) => maskFrame(basic(ordinal), mask);
    const { gate } = plan.filters;
    // Of several appends, where their blocks were merged.
    let append: Append | undefined;
    let sessions: ReturnType<KeptBlocks["sessionsOf"]> | undefined;
    return (ordinal) => {
      sessions ??= this.#blocks.sessionsOf(tenant, last, count);
      const offset = source.offset(ordinal);
      // With a gate: the session as far as visible events have shown it.
      const session =
        gate === undefined ? sessions(ordinal) : (this.#visible.session(plan.tenant, offset, offset, gate) ?? noBytes);
      if (append === undefined || offset < append.first || offset > append.last)
        append = this.#appendOf(tenant, offset);
      const envelope = append.envelopes[offset - append.first]!;
      const tail = encodeTail(session, envelope.form === "json" ? envelope.content : noBytes);
      return maskFrame(fullFrame(basic(ordinal), tail), mask);
    };
  }

  #appendOf(tenant: number, offset: number): Append {
    const row = this.#envelopes.get(tenant, offset) as { first: number; last: number; envelopes: Uint8Array };
    return { first: row.first, last: row.last, envelopes: decodeEnvelopes(row.envelopes) };
  }
}
