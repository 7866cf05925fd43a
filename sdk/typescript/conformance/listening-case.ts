/** A case of `subscribe`: consumes as it is told, reports what comes, and counts what was handed to the handler. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { toJson } from "@bufbuild/protobuf";
import {
  CallwireError,
  type Checkpoint,
  type CheckpointState,
  type Delivery,
  type EventDelivery,
  EventSchema,
  FileCheckpoint,
  MemoryCheckpoint,
  type NodeProtocol,
  type Outcome,
  type Subscription,
} from "../src/index.ts";
import { type CaseInput, type Command, clientFor, subscribeOptions } from "./case-input.ts";
import { failureOf, HandlerFailure } from "./outcome.ts";
import { deliveryLine, statusLine } from "./report.ts";

export class ListeningCase {
  readonly #input: CaseInput;
  readonly #protocol: NodeProtocol;
  readonly #print: (line: object) => void;
  readonly #checkpoint: WatchedCheckpoint | undefined;
  readonly #released = Promise.withResolvers<void>();
  readonly #digest = createHash("sha256");
  #events = 0;
  #isCancelled = false;
  #subscription: Subscription | undefined;

  constructor(input: CaseInput, protocol: NodeProtocol, print: (line: object) => void) {
    this.#input = input;
    this.#protocol = protocol;
    this.#print = print;
    const { checkpoint } = input;
    if (checkpoint === undefined) return;
    const store = checkpoint.kind === "file" ? new FileCheckpoint(checkpoint.path!) : new MemoryCheckpoint();
    this.#checkpoint = new WatchedCheckpoint(store);
  }

  obey(command: Command): void {
    // What goes wrong in ending it is told by whoever consumes it.
    const quietly = (ending: Promise<void> | undefined): void => void ending?.catch(() => {});
    if (command === "release") this.#released.resolve();
    if (command === "close") quietly(this.#subscription?.close());
    if (command === "cancel") {
      this.#isCancelled = true;
      quietly(this.#subscription?.cancel());
    }
  }

  /** @returns the case's `done` */
  async run(): Promise<object> {
    const client = clientFor(this.#input, this.#protocol);
    try {
      const subscription = client.subscribe({
        ...subscribeOptions(this.#input),
        checkpoint: this.#checkpoint,
        onStatus: (status) => {
          const line = statusLine(status);
          if (line !== undefined) this.#print({ status: line });
        },
      });
      this.#subscription = subscription;
      const ended = await this.#consume(subscription).then((outcome) => ({ outcome }), this.#failure);
      return {
        ...ended,
        events: this.#events,
        cursor: subscription.cursor || undefined,
        saved_cursor: this.#checkpoint?.saved?.cursor,
        digest: this.#digest.digest("hex"),
      };
    } catch (error) {
      return failureOf(error);
    } finally {
      await client.close();
    }
  }

  readonly #failure = (error: unknown): object => {
    const wasCancelled = this.#isCancelled && error instanceof CallwireError && error.code === "CANCELLED";
    return wasCancelled ? { outcome: "cancelled" } : failureOf(error);
  };

  async #consume(subscription: Subscription): Promise<Outcome> {
    if (this.#input.consume !== "stream") return subscription.run((delivery) => this.#handle(delivery));
    const deliveries = subscription[Symbol.asyncIterator]();
    for (;;) {
      const step = await deliveries.next();
      if (step.done === true) return step.value;
      try {
        await this.#handle(step.value);
      } catch (error) {
        await deliveries.return?.();
        throw error;
      }
    }
  }

  async #handle(delivery: Delivery): Promise<void> {
    if (delivery.kind !== "event") return this.#print({ delivery: deliveryLine(delivery) });
    this.#report(delivery);
    const number = ++this.#events;
    const { delay_ms: delayMs, hold_at: holdAt, fail_at: failAt } = this.#input.handler ?? {};
    if (delayMs !== undefined) await sleep(delayMs);
    if (number === holdAt) {
      this.#print({ handling: number });
      await this.#released.promise;
    }
    if (number === failAt) throw new HandlerFailure(`the handler failed at event ${number}`);
    if (number === this.#input.close_after) this.obey("close");
  }

  #report({ event, cursor, matches }: EventDelivery): void {
    this.#digest.update(`${event.offset}\n`);
    if (this.#input.report === "digest") return;
    const message = this.#input.report === "full" ? toJson(EventSchema, event) : undefined;
    const names = matches.length === 0 ? undefined : matches;
    this.#print({ event: { offset: String(event.offset), cursor, matches: names, message } });
  }
}

/** Remembers what was saved last. */
class WatchedCheckpoint implements Checkpoint {
  readonly #store: Checkpoint;
  saved: CheckpointState | undefined;

  constructor(store: Checkpoint) {
    this.#store = store;
  }

  async load(): Promise<CheckpointState | undefined> {
    this.saved = await this.#store.load();
    return this.saved;
  }

  async save(state: CheckpointState): Promise<void> {
    await this.#store.save(state);
    this.saved = state;
  }
}
