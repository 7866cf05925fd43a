/**
 * A story is everything the platform posts about one session, told in full when the session begins. The stories differ
 * in what happens; how they are interleaved, resent or disturbed is decided elsewhere.
 */
import type { Agent } from "./directory.ts";
import type { Random } from "./random.ts";

/** The QM feeds (calls and agents as `{type, item}`, chats flat) and the external session events are set up apart. */
export type Source = "ccai" | "ccai-external";

export interface Step {
  /** Simulated milliseconds since the step before, or since the start of the session. */
  afterMs: number;
  source: Source;
  /** What happened, as the documentation names it: `call-held`. */
  what: string;
  body: object;
  /** How many events the body holds. */
  events: number;
  /** The agents whom the body names. */
  agentIds: readonly string[];
  /** Those who can take the next session after this step. */
  frees: readonly string[];
}

export interface Story {
  sessionKey: string;
  /** Path of the queue by name; empty when there is none. */
  queue: string;
  /** `incoming`, `outgoing`, or empty for an agent's own events. */
  direction: string;
  steps: readonly Step[];
}

/** What a story may use. Whoever takes an agent has to free the agent with one of its steps. */
export interface Cast {
  random: Random;
  startMs: number;
  agent: Agent;
  /** A further agent who is free now, for a transfer or a conference. */
  takeAgent(): Agent | undefined;
}

export class Script {
  readonly source: Source;
  readonly steps: Step[] = [];
  readonly #busy = new Set<string>();
  nowMs: number;
  #toldMs: number;

  constructor(source: Source, cast: Cast) {
    this.source = source;
    this.nowMs = cast.startMs;
    this.#toldMs = cast.startMs;
    this.#busy.add(cast.agent.id);
  }

  wait(ms: number): number {
    this.nowMs += ms;
    return this.nowMs;
  }

  /** Adds what is posted now. The time since the step before is what `wait` was asked for in between. */
  post(what: string, body: object, agentIds: readonly string[], events = 1): void {
    this.steps.push({
      afterMs: this.nowMs - this.#toldMs,
      source: this.source,
      what,
      body,
      events,
      agentIds,
      frees: [],
    });
    this.#toldMs = this.nowMs;
  }

  engage(agentId: string): void {
    this.#busy.add(agentId);
  }

  /** The agent can take another session after the step that was added last. */
  free(agentId: string): void {
    if (!this.#busy.delete(agentId)) return;
    const last = this.steps.at(-1)!;
    last.frees = [...last.frees, agentId];
  }

  end(): readonly Step[] {
    for (const agentId of [...this.#busy]) this.free(agentId);
    return this.steps;
  }
}
