/**
 * What a connection has to say. All that is said within a turn of the event loop is written at once: to the fan-out that
 * is one system call a connection, however many of its streams were written to.
 */
import type { Socket } from "node:net";
import { dataFraming } from "./data-framing.ts";
import { Deadlines } from "./deadlines.ts";

/**
 * Told once bytes were passed on, or with an error that they never will be. Whoever said them may then reuse or free them, so
 * that being told before the socket has let go of them would send other bytes in their place.
 */
export type Passed = (error?: Error) => void;

const nothing = new Uint8Array(0);

/** Up to here pieces are joined before they are written. */
const joinedBytes = 16 * 1024;

/** How long something waits to be said with something else: far less than what any peer takes for silence. */
const patience = new Deadlines(10);

/** Those that have something to say. */
let waiting: Output[] = [];

function flushAll(): void {
  dataFraming.forget();
  while (waiting.length > 0) {
    const outputs = waiting;
    waiting = [];
    for (const output of outputs) output.flush();
  }
}

export class Output {
  readonly #socket: Socket;
  readonly #onDrain: () => void;
  /** What waits to be written, and who waits to be told. Mostly it is one of each, which takes no array. */
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;
  #firstPassed: Passed | undefined;
  #morePassed: Passed[] | undefined;
  #isAwaited = false;
  /** Waits for something else to be said, and what ends its wait. */
  #patient: { bytes: Uint8Array; over: () => void } | undefined;
  /** The socket takes no more for now. */
  isBlocked = false;

  /** @param onDrain is called once a blocked socket takes more */
  constructor(socket: Socket, onDrain: () => void) {
    this.#socket = socket;
    this.#onDrain = onDrain;
    socket.on("drain", () => this.#drained());
  }

  /** Says something; it is written within this turn. */
  say(bytes: Uint8Array): void {
    this.sayPatient();
    if (this.#first !== undefined) {
      this.#more ??= [];
      this.#more.push(bytes);
      return;
    }
    this.#first = bytes;
    this.#enlist();
  }

  /** Says something ahead of what is said next, which saves a write of its own; after some milliseconds at the latest. */
  sayWithNext(bytes: Uint8Array): void {
    if (this.#first !== undefined || this.#patient !== undefined) return this.say(bytes);
    this.#patient = { bytes, over: patience.begin(() => this.sayPatient()) };
  }

  /** Says what waits for something else to be said. */
  sayPatient(): void {
    if (this.#patient === undefined) return;
    const { bytes, over } = this.#patient;
    this.#patient = undefined;
    over();
    this.say(bytes);
  }

  #enlist(): void {
    if (waiting.length === 0) process.nextTick(flushAll);
    waiting.push(this);
  }

  /** The socket has let go of everything that was said. */
  get hasPassedAll(): boolean {
    return this.#first === undefined && this.#socket.writableLength === 0;
  }

  /** Calls back once everything said so far was passed on. */
  whenPassed(passed: Passed): void {
    if (this.#firstPassed === undefined) {
      this.#firstPassed = passed;
      return;
    }
    this.#morePassed ??= [];
    this.#morePassed.push(passed);
  }

  flush(): void {
    const first = this.#first;
    const more = this.#more;
    if (first === undefined) return;
    this.#first = undefined;
    this.#more = undefined;
    if (this.#socket.destroyed) return;
    if (more === undefined) this.#socket.write(first);
    else this.#write([first, ...more]);
    if (this.#socket.writableLength === 0) this.#tellPassed();
    else if (this.#socket.writableNeedDrain) this.isBlocked = true;
    else if (this.#firstPassed !== undefined) this.#awaitLetGo();
  }

  /** The socket takes more and still holds some: it tells when it has let go of what it was given before nothing. */
  #awaitLetGo(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    this.#socket.write(nothing, () => {
      this.#isAwaited = false;
      // What was said since then is told when it is passed on itself.
      if (this.isBlocked || this.#first !== undefined) return;
      if (this.#socket.writableLength === 0) this.#tellPassed();
      else this.#awaitLetGo();
    });
  }

  #write(pieces: Uint8Array[]): void {
    const socket = this.#socket;
    let bytes = 0;
    for (const { length } of pieces) bytes += length;
    if (bytes <= joinedBytes) return void socket.write(Buffer.concat(pieces, bytes));
    socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
  }

  #drained(): void {
    if (!this.isBlocked) return;
    this.isBlocked = false;
    this.#tellPassed();
    this.#onDrain();
  }

  #tellPassed(error?: Error): void {
    const first = this.#firstPassed;
    const more = this.#morePassed;
    this.#firstPassed = undefined;
    this.#morePassed = undefined;
    first?.(error);
    if (more !== undefined) for (const passed of more) passed(error);
  }

  /** The connection is gone. */
  fail(error: Error): void {
    this.#patient?.over();
    this.#patient = undefined;
    this.#first = undefined;
    this.#more = undefined;
    this.#tellPassed(error);
  }
}
