/**
 * What the fold remembers of sessions beside what subscribers see of them, stored with the block whose events changed them: a
 * Protobuf message with, for each session, the ordinal of its last event in the block (field 1) and a record (field 2) with
 * 1 its source events so far, 2 its last state, 3 the bytes that its lists may take, 4 its newest event time, 5 the offset that ended it,
 * 6 whether it has expired, 7 the digest over its accepted objects, 8 the connections that its parties had before it expired.
 */
import { noConnections, type SessionState } from "../sessions/session-state.ts";
import { WireReader } from "../wire/wire-reader.ts";
import { WireWriter } from "../wire/wire-writer.ts";

export type SessionMemory = Omit<SessionState, "session" | "revision">;

function writeMemory(to: WireWriter, memory: SessionMemory): void {
  to.number(1, memory.eventCount);
  to.number(2, memory.lastState);
  to.number(3, memory.listBytes);
  to.time(4, memory.lastEventTime);
  if (memory.endedOffset !== undefined) to.number(5, Number(memory.endedOffset));
  to.flag(6, memory.expired);
  to.latin1(7, memory.digest);
  if (memory.connectionsBefore.length > 0) to.bytes(8, memory.connectionsBefore);
}

const writer = new WireWriter();

/** @param sessions each with the ordinal of its last event */
export function encodeMemories(sessions: ReadonlyMap<{ readonly state: SessionMemory }, number>): Uint8Array {
  for (const [{ state }, ordinal] of sessions) {
    writer.present(1, ordinal);
    writer.message(2, state, writeMemory);
  }
  return writer.take();
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

function readMemory(from: WireReader): SessionMemory {
  const memory: SessionMemory = {
    eventCount: 0,
    lastState: 0,
    listBytes: 0,
    lastEventTime: undefined,
    endedOffset: undefined,
    expired: false,
    digest: "",
    connectionsBefore: noConnections,
  };
  const limit = from.end;
  from.at = from.contentAt;
  while (from.next(limit)) {
    if (from.field === 1) memory.eventCount = from.integer();
    else if (from.field === 2) memory.lastState = from.number();
    else if (from.field === 3) memory.listBytes = from.integer();
    else if (from.field === 4) memory.lastEventTime = from.time();
    else if (from.field === 5) memory.endedOffset = BigInt(from.integer());
    else if (from.field === 6) memory.expired = from.number() === 1;
    else if (from.field === 7) memory.digest = latin1(from.bytes, from.contentAt, from.end);
    else if (from.field === 8) memory.connectionsBefore = from.bytes.slice(from.contentAt, from.end);
  }
  return memory;
}

/** The memory of the session whose last event in the block has this ordinal; undefined when there is none. */
export function memoryAt(memories: Uint8Array, ordinal: number): SessionMemory | undefined {
  const from = new WireReader(memories);
  while (from.next(memories.length)) {
    const isWanted = from.number() === ordinal;
    from.next(memories.length);
    if (isWanted) return readMemory(from);
  }
  return undefined;
}

/** The memories of a block as those of one that has so many events before. */
export function shiftMemories(memories: Uint8Array, events: number): Uint8Array {
  const from = new WireReader(memories);
  while (from.next(memories.length)) {
    writer.present(1, from.number() + events);
    from.next(memories.length);
    writer.encoded(2, memories.subarray(from.contentAt, from.end));
  }
  return writer.take();
}
