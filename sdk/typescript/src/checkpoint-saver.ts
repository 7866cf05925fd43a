/** Decides when what was handled is saved: after so many events or so long, whichever comes first, and at the end. */
import type { Checkpoint, CheckpointState } from "./checkpoint.ts";

/** How often a checkpoint is saved. A crash repeats at most what was handled since. */
export interface SavePolicy {
  /** After this many events. Default 100. */
  readonly everyEvents?: number | undefined;
  /** This long after the first thing unsaved, in milliseconds. Default 1,000. */
  readonly everyMs?: number | undefined;
}

export class CheckpointSaver {
  readonly #checkpoint: Checkpoint;
  readonly #everyEvents: number;
  readonly #everyMs: number;
  readonly #onFailure: (error: unknown) => void;
  #saved: CheckpointState | undefined;
  #unsaved: CheckpointState | undefined;
  #unsavedEvents = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();

  /**
   * @param saved what the checkpoint holds
   * @param onFailure told when a save by time fails; others reject where they were asked for
   */
  constructor(
    checkpoint: Checkpoint,
    policy: SavePolicy,
    saved: CheckpointState | undefined,
    onFailure: (error: unknown) => void,
  ) {
    this.#checkpoint = checkpoint;
    this.#everyEvents = policy.everyEvents ?? 100;
    this.#everyMs = policy.everyMs ?? 1_000;
    this.#saved = saved;
    this.#onFailure = onFailure;
  }

  /** Notes what has been handled. A promise when a save is due: wait for it before going on. */
  note(state: CheckpointState, events: number): Promise<void> | undefined {
    if (state.cursor === "") return undefined;
    this.#unsaved = state;
    this.#unsavedEvents += events;
    if (this.#unsavedEvents >= this.#everyEvents) return this.flush();
    this.#timer ??= setTimeout(() => this.flush().catch(this.#onFailure), this.#everyMs);
    return undefined;
  }

  /** Saves what is not saved yet. After a failure nothing more is saved, and every further call fails like it. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#saving = this.#saving.then(() => this.#save());
    return this.#saving;
  }

  async #save(): Promise<void> {
    const state = this.#unsaved;
    if (state === undefined) return;
    this.#unsaved = undefined;
    this.#unsavedEvents = 0;
    if (state.cursor === this.#saved?.cursor && state.filterDigest === this.#saved.filterDigest) return;
    await this.#checkpoint.save(state);
    this.#saved = state;
  }
}
