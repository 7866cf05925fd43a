/**
 * Sessions as a caller knows them who may see only some of their events: folded anew from those alone, so that nothing in
 * them comes from an event that was kept from the caller (SEMANTICS rule 30). Costs as much as the session is long.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type Event, EventSchema } from "../../../gen/ts/callwire/v1/event_pb.ts";
import { Trigger } from "../../../gen/ts/callwire/v1/state_pb.ts";
import { type BlockKeys, keysOfEvent } from "../../filters/block-keys.ts";
import type { CompiledFilters } from "../../filters/compile.ts";
import { passesGate } from "../../filters/filter-index.ts";
import { encodeSession } from "../../sessions/encode-session.ts";
import { expireSession, foldSessionEvent, sealSession } from "../../sessions/fold.ts";
import { newSession, type SessionState } from "../../sessions/session-state.ts";
import { frameBody } from "../block.ts";
import { lastEventUpTo } from "./call-scope.ts";
import type { KeptBlocks } from "./kept-blocks.ts";

type Gate = NonNullable<CompiledFilters["gate"]>;

interface VisibleEvent {
  event: Event;
  keys: BlockKeys;
  ordinal: number;
}

const expiries: ReadonlySet<Trigger> = new Set([Trigger.CALL_EXPIRED, Trigger.CHAT_EXPIRED]);
const seals: ReadonlySet<Trigger> = new Set([Trigger.CALL_SEALED, Trigger.CHAT_SEALED]);
/** Addresses come from sign-ins, which are events of their own and may be hidden. */
const noEmail = (): undefined => undefined;

function foldInto(state: SessionState, { offset, receivedTime, eventTime, payload, trigger }: Event): void {
  if (payload.case !== "call" && payload.case !== "chat") return;
  const at = { offset, receivedTime: receivedTime!, eventTime };
  if (expiries.has(trigger)) expireSession(state, at, noEmail);
  else if (seals.has(trigger)) {
    sealSession(state, at, () => "");
    // It would count and digest what the caller may not see.
    delete state.session.seal;
  } else foldSessionEvent(state, payload.value, at, noEmail);
}

export class VisibleSessions {
  readonly #blocks: KeptBlocks;

  constructor(blocks: KeptBlocks) {
    this.#blocks = blocks;
  }

  /** A session's visible events from its first up to the one at an offset, or the last before it. */
  #events(tenant: string, lastOffset: number, upTo: number, gate: Gate): VisibleEvent[] {
    const events: VisibleEvent[] = [];
    const find = this.#blocks.finderFor(tenant);
    let found = lastEventUpTo(find, lastOffset, upTo);
    while (found !== undefined) {
      const { block, ordinal } = found;
      if (passesGate(gate, block.keys, ordinal)) {
        const frame = this.#blocks.frame(tenant, block.positions.offsets[ordinal]!);
        events.push({ event: fromBinary(EventSchema, frameBody(frame)), keys: block.keys, ordinal });
      }
      const previous = block.positions.previousOffsets[ordinal]!;
      found = previous === 0 ? undefined : find(previous);
    }
    return events.reverse();
  }

  /**
   * The session as it is shown after its last visible event up to an offset; undefined when none is visible.
   *
   * @param lastOffset that of its very last event, or of any later than `upTo`
   */
  session(tenant: string, lastOffset: number, upTo: number, gate: Gate): Uint8Array | undefined {
    const events = this.#events(tenant, lastOffset, upTo, gate);
    const [first] = events;
    const payload = first?.event.payload;
    if (first === undefined || (payload?.case !== "call" && payload?.case !== "chat")) return undefined;
    const id = payload.case === "call" ? payload.value.callId : payload.value.chatId;
    const state = newSession(payload.case, id, first.event.source);
    for (const { event } of events) foldInto(state, event);
    return encodeSession(state.session);
  }

  /** The keys that the payloads of a session's visible events have shown up to an event. */
  keysShown(tenant: string, offset: number, gate: Gate): Set<string> {
    const events = this.#events(tenant, offset, offset, gate);
    const shown = events.flatMap(({ keys, ordinal }) => keysOfEvent(keys, ordinal));
    return new Set(shown.filter(({ origin }) => origin === "payload").map(({ key }) => key));
  }
}
