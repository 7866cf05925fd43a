/** Builds the blocks of one tenant's commit: encodes each Event once (invariant 6) and collects its keys and envelope. */
import { create, toBinary } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { type Event, EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { SubscribeResponseSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { AcceptedEvent, EventPayload } from "../events/accepted-event.ts";
import { BlockKeysBuilder } from "../filters/block-keys.ts";
import { addEventKeys, bareAgentId, type EmailOfAgent } from "../filters/event-keys.ts";
import { concat, type EncodedBlock, encodeTail, frameEnd, noTail } from "./block.ts";
import { formatCursor } from "./cursor.ts";
import type { Envelope } from "./envelope.ts";

/** A block is closed at either bound, events or bytes of content, so that one of them is never more than a few milliseconds of work. */
const maxBlockEvents = 1_024;
const maxBlockBytes = 512 * 1024;

export interface Positioned {
  event: AcceptedEvent;
  source: string;
  offset: number;
  receivedMs: number;
  firstReceivedMs: number | undefined;
  idempotencyKey: string;
}

export function timestampFromMs(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * 1_000_000 });
}

function keyOf(payload: EventPayload): string {
  switch (payload.case) {
    case "call":
      return payload.value.callId;
    case "chat":
      return payload.value.chatId;
    case "agent":
      return bareAgentId(payload.value.participantId);
  }
}

function typedContent(payload: EventPayload): Uint8Array {
  const event = create(EventSchema);
  event.payload = payload;
  return toBinary(EventSchema, event);
}

function envelopeOf(positioned: Positioned): Envelope {
  const { event, source, receivedMs, firstReceivedMs, idempotencyKey } = positioned;
  const time = event.eventTime;
  return {
    source,
    kind: event.payload.case,
    key: keyOf(event.payload),
    sourceEventId: event.sourceEventId,
    idempotencyKey,
    receivedMs,
    eventTime: time === undefined ? undefined : [Number(time.seconds), time.nanos],
    firstReceivedMs,
    form: event.rawJson === "" ? "typed" : "json",
    content: event.rawJson === "" ? typedContent(event.payload) : Buffer.from(event.rawJson),
  };
}

/** The BASIC event. */
function eventMessage(tenant: string, epoch: string, positioned: Positioned, receivedTime: Timestamp): Event {
  const { event, offset } = positioned;
  const message: Event = create(EventSchema);
  message.offset = BigInt(offset);
  message.eventId = event.sourceEventId === "" ? formatCursor(epoch, offset) : event.sourceEventId;
  message.tenant = tenant;
  message.source = positioned.source;
  if (event.eventTime !== undefined) message.eventTime = event.eventTime;
  message.receivedTime = receivedTime;
  if (positioned.firstReceivedMs !== undefined) message.firstReceivedTime = timestampFromMs(positioned.firstReceivedMs);
  message.payload = event.payload;
  return message;
}

/** Encodes events as the frames of a response, all with one writer, and finds the end of each. */
function encodeFrames(events: Event[]): { frames: Uint8Array; frameEnds: Uint32Array } {
  const response = create(SubscribeResponseSchema);
  response.events = events;
  const frames = toBinary(SubscribeResponseSchema, response);
  let at = 0;
  const frameEnds = Uint32Array.from(events, () => (at = frameEnd(frames, at)));
  return { frames, frameEnds };
}

/** Blocks with the envelopes that they were made from, in offset order. */
export interface BuiltBlock {
  block: EncodedBlock;
  envelopes: Envelope[];
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
    const envelope = envelopeOf(positioned);
    if (this.#open.isFullFor(envelope.content.length)) this.#close();
    if (this.#receivedMs !== positioned.receivedMs) {
      this.#receivedMs = positioned.receivedMs;
      this.#receivedTime = timestampFromMs(positioned.receivedMs);
    }
    const message = eventMessage(this.#tenant, this.#epoch, positioned, this.#receivedTime);
    const tail = envelope.form === "json" ? encodeTail(envelope.content) : noTail;
    addEventKeys(this.#open.keys, positioned.event.payload, positioned.source, this.#emailOf);
    this.#open.add(positioned, envelope, message, tail);
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
  readonly #events: Event[] = [];
  readonly #tails: Uint8Array[] = [];
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

  add(positioned: Positioned, envelope: Envelope, event: Event, tail: Uint8Array): void {
    this.#offsets.push(positioned.offset);
    this.#receivedMs.push(positioned.receivedMs);
    this.#events.push(event);
    this.#tails.push(tail);
    this.keys.endEvent();
    this.#envelopes.push(envelope);
    this.#bytes += envelope.content.length;
  }

  build(tenant: string): BuiltBlock {
    const block: EncodedBlock = {
      tenant,
      offsets: Float64Array.from(this.#offsets),
      receivedMs: Float64Array.from(this.#receivedMs),
      ...encodeFrames(this.#events),
      tails: concat(this.#tails),
      tailEnds: ends(this.#tails),
      keys: this.keys.build(),
    };
    return { block, envelopes: this.#envelopes };
  }
}

function ends(pieces: readonly Uint8Array[]): Uint32Array {
  let end = 0;
  return Uint32Array.from(pieces, (piece) => (end += piece.length));
}
