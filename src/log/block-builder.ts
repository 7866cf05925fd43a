/** Builds the blocks of one tenant's commit: encodes each Event once (invariant 6) and collects its keys and envelope. */
import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { type BasicEvent, writeEvent } from "../events/encode-event.ts";
import { attribute } from "../filters/attributes.ts";
import { BlockKeysBuilder, KnownKeys } from "../filters/block-keys.ts";
import { addEventKeys, type EmailOfAgent } from "../filters/event-keys.ts";
import { addContextKeys } from "../sessions/context-keys.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import { envelopeHead, writeContent } from "./accepted-envelope.ts";
import { type EncodedBlock, eventsField, sessionField } from "./block.ts";
import { formatCursor } from "./cursor.ts";
import { type EncodedEnvelopes, EnvelopesBuilder } from "./envelope.ts";
import type { CachedSession } from "./session-cache.ts";
import { nextDigest } from "./session-digest.ts";
import { encodeMemories } from "./session-memory.ts";
import type { FoldedEvent, PlacedEvent } from "./tenant-fold.ts";

/** A block is closed once it has either of these, events or bytes of content, so that one of them is never more than a few milliseconds of work. */
const maxBlockEvents = 1_024;
const maxBlockBytes = 512 * 1024;

export function timestampFromMs(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * 1_000_000 });
}

/** What lasts from block to block of a tenant, so that it need not be made for each. */
export class BlockMeans {
  readonly knownKeys = new KnownKeys();
  readonly frames = new WireWriter();
  readonly sessions = new WireWriter();
  readonly heads = new WireWriter();
  readonly contents = new WireWriter();

  /** A block that failed may have left something. */
  clear(): void {
    for (const writer of [this.frames, this.sessions, this.heads, this.contents]) writer.clear();
  }
}

/** Whose events are built, and what is known of them. */
export interface BlockContext {
  tenant: string;
  epoch: string;
  emailOf: EmailOfAgent;
  means: BlockMeans;
}

function basicEvent(
  { tenant, epoch }: BlockContext,
  placed: PlacedEvent,
  folded: FoldedEvent,
  receivedTime: Timestamp,
  content: Uint8Array,
): BasicEvent {
  const { event, offset, source, firstReceivedMs, proposal } = placed;
  return {
    offset,
    eventId: event.sourceEventId === "" ? formatCursor(epoch, offset) : event.sourceEventId,
    tenant,
    source,
    eventTime: event.eventTime,
    receivedTime,
    trigger: folded.trigger,
    changes: folded.changes,
    synthetic: proposal !== undefined,
    redactionActive: folded.redactionActive,
    sessionOffset: folded.sessionOffset,
    firstReceivedTime: firstReceivedMs === undefined ? undefined : timestampFromMs(firstReceivedMs),
    payload: event.payload,
    encodedPayload: proposal === undefined && event.rawJson === "" ? content : undefined,
  };
}

/** A block with what is stored beside it. */
export interface BuiltBlock {
  block: EncodedBlock;
  /** What the events were made from. */
  envelopes: EncodedEnvelopes;
  /** What the fold remembers of the sessions that the events changed; see session-memory.ts. */
  memories: Uint8Array;
}

export class BlockBuilder {
  readonly #context: BlockContext;
  readonly #built: BuiltBlock[] = [];
  #open: OpenBlock | undefined;
  #receivedMs = 0;
  #receivedTime = timestampFromMs(0);

  constructor(context: BlockContext) {
    this.#context = context;
  }

  /** Adds an event, right after it was folded; with it the digest of its session goes on. */
  add(placed: PlacedEvent, folded: FoldedEvent): void {
    if (this.#receivedMs !== placed.receivedMs) {
      this.#receivedMs = placed.receivedMs;
      this.#receivedTime = timestampFromMs(placed.receivedMs);
    }
    this.#open ??= new OpenBlock(this.#context);
    this.#open.add(placed, folded, this.#receivedTime);
    if (this.#open.isFull) this.#close();
  }

  #close(): void {
    if (this.#open !== undefined) this.#built.push(this.#open.build());
    this.#open = undefined;
  }

  finish(): BuiltBlock[] {
    this.#close();
    return this.#built;
  }
}

function writeCached(to: WireWriter, { encoder, state }: CachedSession): void {
  encoder.write(to, state);
}

class OpenBlock {
  readonly #context: BlockContext;
  readonly #offsets: number[] = [];
  readonly #receivedMs: number[] = [];
  readonly #frames: WireWriter;
  readonly #frameEnds: number[] = [];
  readonly #sessions: WireWriter;
  readonly #sessionEnds: number[] = [];
  readonly #sessionOffsets: number[] = [];
  readonly #previousOffsets: number[] = [];
  readonly #areJson: number[] = [];
  readonly #keys: BlockKeysBuilder;
  readonly #envelopes: EnvelopesBuilder;
  /** The sessions of the events, each with the ordinal of its last. */
  readonly #changed = new Map<CachedSession, number>();

  constructor(context: BlockContext) {
    const { means } = context;
    means.clear();
    this.#context = context;
    this.#frames = means.frames;
    this.#sessions = means.sessions;
    this.#envelopes = new EnvelopesBuilder(means.heads, means.contents);
    this.#keys = new BlockKeysBuilder(means.knownKeys);
  }

  get isFull(): boolean {
    return this.#offsets.length >= maxBlockEvents || this.#envelopes.contentBytes >= maxBlockBytes;
  }

  add(placed: PlacedEvent, folded: FoldedEvent, receivedTime: Timestamp): void {
    const { contents } = this.#envelopes;
    const start = contents.length;
    writeContent(contents, placed);
    const content = contents.since(start);
    this.#frames.message(eventsField, basicEvent(this.#context, placed, folded, receivedTime, content), writeEvent);
    this.#frameEnds.push(this.#frames.length);
    this.#addSession(placed, folded, content);
    this.#addKeys(placed, folded);
    this.#envelopes.add(envelopeHead(placed));
    this.#offsets.push(placed.offset);
    this.#receivedMs.push(placed.receivedMs);
    this.#sessionOffsets.push(folded.sessionOffset);
    this.#previousOffsets.push(folded.previousOffset);
    this.#areJson.push(placed.event.rawJson === "" ? 0 : 1);
  }

  #addSession({ proposal }: PlacedEvent, { cached }: FoldedEvent, content: Uint8Array): void {
    if (cached !== undefined) {
      const { state } = cached;
      if (proposal === undefined) state.digest = nextDigest(state.digest, content);
      this.#changed.set(cached, this.#offsets.length);
      this.#sessions.message(sessionField, cached, writeCached);
    }
    this.#sessionEnds.push(this.#sessions.length);
  }

  #addKeys({ event, source }: PlacedEvent, { keyFacts, changes, cached }: FoldedEvent): void {
    const { emailOf } = this.#context;
    addEventKeys(this.#keys, event.payload, source, emailOf);
    if (keyFacts !== undefined) addContextKeys(this.#keys, keyFacts, emailOf);
    else for (const trigger of changes) this.#keys.add(attribute.trigger, trigger);
    this.#keys.endEvent(cached?.keys);
  }

  build(): BuiltBlock {
    const { contents, contentEnds, ...envelopes } = this.#envelopes.build();
    const block: EncodedBlock = {
      tenant: this.#context.tenant,
      offsets: new Float64Array(this.#offsets),
      receivedMs: new Float64Array(this.#receivedMs),
      frames: this.#frames.take(),
      frameEnds: new Uint32Array(this.#frameEnds),
      sessions: this.#sessions.take(),
      sessionEnds: new Uint32Array(this.#sessionEnds),
      contents,
      contentEnds,
      areJson: new Uint8Array(this.#areJson),
      sessionOffsets: new Float64Array(this.#sessionOffsets),
      previousOffsets: new Float64Array(this.#previousOffsets),
      keys: this.#keys.build(),
    };
    return { block, envelopes, memories: encodeMemories(this.#changed) };
  }
}
