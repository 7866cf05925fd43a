/**
 * The decoding of published items, which is done for every one of them and takes a fraction of the time of the general
 * decoder; a test holds it to that decoder's messages. Only what an encoder writes is decoded here: fields in the order of
 * their numbers, each once, no defaults, no number longer than it has to be. Then the bytes of a payload are its encoding,
 * and need not be written again. Anything else is left to the general decoder.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type Timestamp, type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import type { AgentEvent, CallEvent, ChatEvent, Disposition, Participant } from "../../gen/ts/callwire/v1/event_pb.ts";
import { PublishEventsRequestSchema, type PublishItem, PublishItemSchema } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { TextReader } from "../wire/text-reader.ts";
import { delimited, varint, WireReader } from "../wire/wire-reader.ts";
import type { EventPayload } from "./accepted-event.ts";

export interface PublishedItem {
  event: EventPayload | { case: "json"; value: string } | { case: undefined };
  /** The bytes of the event's value, when they are its encoding. */
  encoded: Uint8Array | undefined;
  idempotencyKey: string;
  eventTime: Timestamp | undefined;
}

/** Numbers of the fields that may occur several times, as bits. */
const repeatedOfCall = (1 << 7) | (1 << 8) | (1 << 13);
const repeatedOfChat = (1 << 7) | (1 << 8) | (1 << 14);
const noneRepeated = 0;
const maxInt32 = 0x7fff_ffff;

const noBytes = Buffer.alloc(0);

class ItemReader extends WireReader {
  /** False once something was met that no encoder writes; what was read since is worth nothing. */
  isCanonical = true;
  #buffer: Buffer = noBytes;
  readonly #texts = new TextReader();

  begin(buffer: Buffer, at: number): void {
    this.moveTo(buffer, at);
    this.#buffer = buffer;
    this.isCanonical = true;
  }

  /** Reads the next field of a message whose field before had the number `last`. */
  nextAfter(last: number, limit: number, repeated: number): boolean {
    if (!this.next(limit)) return false;
    const { field } = this;
    const isInOrder = field > last || (field === last && ((repeated >> field) & 1) === 1);
    if (!isInOrder || this.valueAt - this.tagAt !== (field < 16 ? 1 : 2)) this.isCanonical = false;
    return true;
  }

  /** A text, a message or bytes: what has a length. */
  #checkLength(): number {
    const length = this.end - this.contentAt;
    const room = this.contentAt - this.valueAt;
    if (this.wireType !== delimited || room !== (length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4)) {
      this.isCanonical = false;
    }
    return length;
  }

  /** A text that may be empty. */
  presentText(): string {
    this.#checkLength();
    return this.#texts.read(this.#buffer, this.contentAt, this.end);
  }

  /** A text that is left out when it is empty. */
  text(): string {
    const text = this.presentText();
    if (text === "") this.isCanonical = false;
    return text;
  }

  /** A number or an enum's value of 32 bits, left out when it is 0: what is longer or negative is left to the general decoder. */
  positive<E extends number>(): E {
    const value = this.positiveLong();
    if (value > maxInt32) this.isCanonical = false;
    return value as E;
  }

  /** The same of 64 bits. */
  positiveLong(): number {
    const value = this.whole();
    if (value === 0) this.isCanonical = false;
    return value;
  }

  /** A number of up to 2^49: what is longer is left to the general decoder. */
  whole(): number {
    const length = this.end - this.valueAt;
    const isMinimal = length === 1 || this.bytes[this.end - 1] !== 0;
    if (this.wireType !== varint || length > 7 || !isMinimal) this.isCanonical = false;
    return this.integer();
  }

  truth(): boolean {
    const value = this.whole();
    if (value > 1) this.isCanonical = false;
    return value === 1;
  }

  setTruth(): true {
    if (!this.truth()) this.isCanonical = false;
    return true;
  }

  /** Goes to the content of a message; gives its end. */
  enter(): number {
    this.#checkLength();
    this.at = this.contentAt;
    return this.end;
  }

  content(): Buffer {
    return this.#buffer.subarray(this.contentAt, this.end);
  }
}

function readTime(from: ItemReader): Timestamp {
  const limit = from.enter();
  let [seconds, nanos, last] = [0, 0, 0];
  for (; from.nextAfter(last, limit, noneRepeated); last = from.field) {
    if (from.field === 1) seconds = from.positiveLong();
    else if (from.field === 2) nanos = from.positive();
    else from.isCanonical = false;
  }
  return { $typeName: "google.protobuf.Timestamp", seconds: BigInt(seconds), nanos };
}

function readValue(from: ItemReader): Value {
  const content = from.content();
  from.enter();
  from.at = from.end;
  return fromBinary(ValueSchema, content);
}

function readParticipant(from: ItemReader): Participant {
  const limit = from.enter();
  const party: Participant = {
    $typeName: "callwire.v1.Participant",
    participantId: undefined,
    type: 0,
    typeText: "",
    state: 0,
    stateText: "",
    agentNumber: "",
    name: "",
    mediaId: "",
  };
  for (let last = 0; from.nextAfter(last, limit, noneRepeated); last = from.field) {
    switch (from.field) {
      case 1:
        party.participantId = from.presentText();
        break;
      case 2:
        party.type = from.positive();
        break;
      case 3:
        party.typeText = from.text();
        break;
      case 4:
        party.state = from.positive();
        break;
      case 5:
        party.stateText = from.text();
        break;
      case 6:
        party.agentNumber = from.text();
        break;
      case 7:
        party.name = from.text();
        break;
      case 8:
        party.mediaId = from.text();
        break;
      default:
        from.isCanonical = false;
    }
  }
  return party;
}

function readDisposition(from: ItemReader): Disposition {
  const limit = from.enter();
  const disposition: Disposition = { $typeName: "callwire.v1.Disposition", code: "", customCodeId: "", note: "" };
  for (let last = 0; from.nextAfter(last, limit, noneRepeated); last = from.field) {
    if (from.field === 1) disposition.code = from.text();
    else if (from.field === 2) disposition.customCodeId = from.text();
    else if (from.field === 3) disposition.note = from.text();
    else from.isCanonical = false;
  }
  return disposition;
}

function readAgent(from: ItemReader): AgentEvent {
  const limit = from.enter();
  const agent: AgentEvent = {
    $typeName: "callwire.v1.AgentEvent",
    participantId: "",
    email: "",
    state: 0,
    stateText: "",
  };
  for (let last = 0; from.nextAfter(last, limit, noneRepeated); last = from.field) {
    if (from.field === 1) agent.participantId = from.text();
    else if (from.field === 2) agent.email = from.text();
    else if (from.field === 3) agent.state = from.positive();
    else if (from.field === 4) agent.stateText = from.text();
    else from.isCanonical = false;
  }
  return agent;
}

/** Reads a field that calls and chats have under the same number. */
function readShared(from: ItemReader, session: CallEvent | ChatEvent): void {
  switch (from.field) {
    case 2:
      session.state = from.positive();
      break;
    case 3:
      session.stateText = from.text();
      break;
    case 4:
      session.direction = from.positive();
      break;
    case 5:
      session.directionText = from.text();
      break;
    case 6:
      session.initiator = from.text();
      break;
    case 7:
      session.queuePathIds.push(from.presentText());
      break;
    case 8:
      session.queuePathNames.push(from.presentText());
      break;
    case 9:
      session.language = from.text();
      break;
    case 10:
      session.queueUuid = from.text();
      break;
    default:
      from.isCanonical = false;
  }
}

function readCall(from: ItemReader): CallEvent {
  const limit = from.enter();
  const call: CallEvent = {
    $typeName: "callwire.v1.CallEvent",
    callId: "",
    state: 0,
    stateText: "",
    recordingPermitted: undefined,
    direction: 0,
    directionText: "",
    initiator: "",
    queuePathIds: [],
    queuePathNames: [],
    language: "",
    queueUuid: "",
    customHeaders: undefined,
    participants: [],
    participantsOmitted: false,
    mediaId: "",
    agentNumber: "",
    connectedTime: undefined,
    endTime: undefined,
    disposition: undefined,
  };
  for (let last = 0; from.nextAfter(last, limit, repeatedOfCall); ) {
    last = from.field;
    switch (last) {
      case 1:
        call.callId = from.text();
        break;
      case 11:
        call.recordingPermitted = from.truth();
        break;
      case 12:
        call.customHeaders = readValue(from);
        break;
      case 13:
        call.participants.push(readParticipant(from));
        break;
      case 14:
        call.participantsOmitted = from.setTruth();
        break;
      case 15:
        call.mediaId = from.text();
        break;
      case 16:
        call.agentNumber = from.text();
        break;
      case 17:
        call.connectedTime = readTime(from);
        break;
      case 18:
        call.endTime = readTime(from);
        break;
      case 19:
        call.disposition = readDisposition(from);
        break;
      default:
        readShared(from, call);
    }
  }
  return call;
}

function readChat(from: ItemReader): ChatEvent {
  const limit = from.enter();
  const chat: ChatEvent = {
    $typeName: "callwire.v1.ChatEvent",
    chatId: "",
    state: 0,
    stateText: "",
    supportNumber: "",
    sessionType: "",
    direction: 0,
    directionText: "",
    initiator: "",
    queuePathIds: [],
    queuePathNames: [],
    language: "",
    queueUuid: "",
    customHeaders: undefined,
    participants: [],
    participantsOmitted: false,
    mediaId: "",
    agentNumber: "",
    connectedTime: undefined,
    endTime: undefined,
    disposition: undefined,
  };
  for (let last = 0; from.nextAfter(last, limit, repeatedOfChat); ) {
    last = from.field;
    switch (last) {
      case 1:
        chat.chatId = from.text();
        break;
      case 11:
        chat.supportNumber = from.text();
        break;
      case 12:
        chat.sessionType = from.text();
        break;
      case 13:
        chat.customHeaders = readValue(from);
        break;
      case 14:
        chat.participants.push(readParticipant(from));
        break;
      case 15:
        chat.participantsOmitted = from.setTruth();
        break;
      case 16:
        chat.mediaId = from.text();
        break;
      case 17:
        chat.agentNumber = from.text();
        break;
      case 18:
        chat.connectedTime = readTime(from);
        break;
      case 19:
        chat.endTime = readTime(from);
        break;
      case 20:
        chat.disposition = readDisposition(from);
        break;
      default:
        readShared(from, chat);
    }
  }
  return chat;
}

const noEvent: PublishedItem["event"] = { case: undefined };

/** Only what an encoder writes; undefined for anything else. */
function readCanonical(from: ItemReader, limit: number): PublishedItem | undefined {
  let event = noEvent;
  let encoded: Uint8Array | undefined;
  let idempotencyKey = "";
  let eventTime: Timestamp | undefined;
  for (let last = 0; from.isCanonical && from.nextAfter(last, limit, noneRepeated); ) {
    last = from.field;
    if (last <= 4) {
      if (event !== noEvent) return undefined;
      encoded = from.content();
    }
    if (last === 1) event = { case: "json", value: from.presentText() };
    else if (last === 2) event = { case: "agent", value: readAgent(from) };
    else if (last === 3) event = { case: "call", value: readCall(from) };
    else if (last === 4) event = { case: "chat", value: readChat(from) };
    else if (last === 5) idempotencyKey = from.text();
    else if (last === 6) eventTime = readTime(from);
    else return undefined;
  }
  return from.isCanonical ? { event, encoded, idempotencyKey, eventTime } : undefined;
}

const reader = new ItemReader(noBytes);

function asDecoded({ event, idempotencyKey, eventTime }: PublishItem): PublishedItem {
  return { event: event as PublishedItem["event"], encoded: undefined, idempotencyKey, eventTime };
}

function decodeItem(buffer: Buffer, start: number, end: number): PublishedItem {
  reader.begin(buffer, start);
  return readCanonical(reader, end) ?? asDecoded(fromBinary(PublishItemSchema, buffer.subarray(start, end)));
}

const itemsField = 3;

function decodeEach(buffer: Buffer): PublishedItem[] {
  const items: PublishedItem[] = [];
  const fields = new WireReader(buffer);
  while (fields.next(buffer.length)) {
    if (fields.field === itemsField) items.push(decodeItem(buffer, fields.contentAt, fields.end));
  }
  return items;
}

/**
 * The items of a PublishEventsRequest or PublishStreamRequest, in order.
 * @throws Error when the bytes are no such message
 */
export function decodeItems(request: Uint8Array): PublishedItem[] {
  try {
    return decodeEach(Buffer.from(request.buffer, request.byteOffset, request.length));
  } catch {
    // No encoder wrote this: what it is, if anything, is the general decoder's to say.
    return fromBinary(PublishEventsRequestSchema, request).items.map(asDecoded);
  }
}
