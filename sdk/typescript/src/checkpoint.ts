/** Where a subscription remembers how far it has come. */

/** A place in the journal, and the filters that were in force up to it. */
export interface CheckpointState {
  /** The cursor to resume after: `<epoch>-<offset>`. */
  readonly cursor: string;
  /** What identifies the filters, 16 hex digits; empty when unknown. */
  readonly filterDigest: string;
}

/** A store of one state. Both methods may be asynchronous; what they throw ends the subscription. */
export interface Checkpoint {
  /** The state saved last, or undefined when there is none yet. */
  load(): Promise<CheckpointState | undefined> | CheckpointState | undefined;
  /** Keeps a state in place of the one before. Never called again before it is done. */
  save(state: CheckpointState): Promise<void> | void;
}

/** Remembers for as long as the process lives. */
export class MemoryCheckpoint implements Checkpoint {
  #state: CheckpointState | undefined;

  constructor(state?: CheckpointState) {
    this.#state = state;
  }

  load(): CheckpointState | undefined {
    return this.#state;
  }

  save(state: CheckpointState): void {
    this.#state = state;
  }
}
