/** Builds the blocks of one tenant's commit: encodes each Event once (invariant 6) and collects its keys and envelope. */
import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { Session } from "../../gen/ts/callwire/v1/session_pb.ts";
import { type BasicEvent, writeEvent } from "../events/encode-event.ts";
import { attribute } from "../filters/attributes.ts";
import { BlockKeysBuilder } from "../filters/block-keys.ts";
import { addEventKeys, type EmailOfAgent } from "../filters/event-keys.ts";
import { addContextKeys } from "../sessions/context-keys.ts";
import { writeSession } from "../sessions/encode-session.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import { type EncodedBlock, eventsField, rawJsonField, sessionField } from "./block.ts";
import { formatCursor } from "./cursor.ts";
import type { Envelope } from "./envelope.ts";
import type { FoldedEvent, PlacedEvent } from "./tenant-fold.ts";

/** A block is closed at either bound, events or bytes of content, so that one of them is never more than a few milliseconds of work. */
const maxBlockEvents = 1_024;
const maxBlockBytes = 512 * 1024;

/** An event with its place and its meaning. */
export interface Positioned extends PlacedEvent {
  envelope: Envelope;
  folded: FoldedEvent;
}

export function timestampFromMs(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * 1_000_000 });
}

function basicEvent(tenant: string, epoch: string, positioned: Positioned, receivedTime: Timestamp): BasicEvent {
  const { event, offset, source, firstReceivedMs, folded } = positioned;
  return {
    offset,
    eventId: event.sourceEventId === "" ? formatCursor(epoch, offset) : event.sourceEventId,
    tenant,
    source,
    eventTime: event.eventTime,
    receivedTime,
    trigger: folded.trigger,
    changes: folded.changes,
    synthetic: positioned.proposal !== undefined,
    redactionActive: folded.redactionActive,
    sessionOffset: folded.sessionOffset,
    firstReceivedTime: firstReceivedMs === undefined ? undefined : timestampFromMs(firstReceivedMs),
    payload: event.payload,
  };
}

/** Blocks with what is stored beside them, in offset order. */
export interface BuiltBlock {
  block: EncodedBlock;
  /** What the events were made from. */
  envelopes: Envelope[];
  /** The encoding of each event's session after it; empty where there is none. */
  sessions: Uint8Array[];
}

export class BlockBuilder {
  readonly #tenant: string;
  readonly #epoch: string;
  readonly #emailOf: EmailOfAgent;
  readonly #built: BuiltBlock[] = [];
  #open = new OpenBlock();
  #receivedMs = 0;
  #receivedTime = timestampFromMs(0);

  constructor(tenant: string, epoch: string, emailOf: EmailOfAgent) {
    this.#tenant = tenant;
    this.#epoch = epoch;
    this.#emailOf = emailOf;
  }

  add(positioned: Positioned): void {
    const { envelope } = positioned;
    if (this.#open.isFullFor(envelope.content.length)) this.#close();
    if (this.#receivedMs !== positioned.receivedMs) {
      this.#receivedMs = positioned.receivedMs;
      this.#receivedTime = timestampFromMs(positioned.receivedMs);
    }
    const { keys } = this.#open;
    addEventKeys(keys, positioned.event.payload, positioned.source, this.#emailOf);
    const { keyFacts, changes } = positioned.folded;
    if (keyFacts !== undefined) addContextKeys(keys, keyFacts, this.#emailOf);
    else for (const trigger of changes) keys.add(attribute.trigger, trigger);
    this.#open.add(positioned, basicEvent(this.#tenant, this.#epoch, positioned, this.#receivedTime));
  }

  #close(): void {
    if (this.#open.count > 0) this.#built.push(this.#open.build(this.#tenant));
    this.#open = new OpenBlock();
  }

  finish(): BuiltBlock[] {
    this.#close();
    return this.#built;
  }
}

class OpenBlock {
  readonly #offsets: number[] = [];
  readonly #receivedMs: number[] = [];
  readonly #frames = new WireWriter();
  readonly #frameEnds: number[] = [];
  readonly #tails = new WireWriter();
  readonly #tailEnds: number[] = [];
  /** Start and end of each event's session within the tails. */
  readonly #sessions: [number, number][] = [];
  readonly #folded: FoldedEvent[] = [];
  /** Takes the keys of the event that is added next. */
  readonly keys = new BlockKeysBuilder();
  readonly #envelopes: Envelope[] = [];
  #bytes = 0;

  get count(): number {
    return this.#offsets.length;
  }

  isFullFor(contentBytes: number): boolean {
    return this.count > 0 && (this.count >= maxBlockEvents || this.#bytes + contentBytes > maxBlockBytes);
  }

  add(positioned: Positioned, event: BasicEvent): void {
    const { folded, envelope } = positioned;
    this.#offsets.push(positioned.offset);
    this.#receivedMs.push(positioned.receivedMs);
    this.#frames.message(eventsField, event, writeEvent);
    this.#frameEnds.push(this.#frames.length);
    this.#folded.push(folded);
    this.#addTail(folded.session, envelope);
    this.keys.endEvent();
    this.#envelopes.push(envelope);
    this.#bytes += envelope.content.length;
  }

  #addTail(session: Session | undefined, { form, content }: Envelope): void {
    const length = session === undefined ? 0 : this.#tails.message(sessionField, session, writeSession);
    const end = this.#tails.length;
    this.#sessions.push([end - length, end]);
    if (form === "json") this.#tails.bytes(rawJsonField, content);
    this.#tailEnds.push(this.#tails.length);
  }

  build(tenant: string): BuiltBlock {
    const tails = this.#tails.take();
    const block: EncodedBlock = {
      tenant,
      offsets: Float64Array.from(this.#offsets),
      receivedMs: Float64Array.from(this.#receivedMs),
      frames: this.#frames.take(),
      frameEnds: Uint32Array.from(this.#frameEnds),
      tails,
      tailEnds: Uint32Array.from(this.#tailEnds),
      sessionOffsets: Float64Array.from(this.#folded, ({ sessionOffset }) => sessionOffset),
      previousOffsets: Float64Array.from(this.#folded, ({ previousOffset }) => previousOffset),
      keys: this.keys.build(),
    };
    this.#folded.forEach(({ keys }, ordinal) => keys?.take(block.keys, ordinal));
    return {
      block,
      envelopes: this.#envelopes,
      sessions: this.#sessions.map(([start, end]) => tails.subarray(start, end)),
    };
  }
}
