/**
 * A contact centre as its gateway sees it: many sessions at a time, whose events come interleaved by simulated time.
 *
 * It never reads a clock and never waits. Every session draws from a source of chance of its own, so asking for
 * duplicates, disorder or garbage changes nothing about what happens on the calls. An agent is on one session at a time.
 */
import { agentStory } from "./agent-stories.ts";
import { inboundCall, outboundCall } from "./call-stories.ts";
import { chat } from "./chat-stories.ts";
import { type Agent, agentAt } from "./directory.ts";
import { swapSomeSteps } from "./disorder.ts";
import { externalCall } from "./external-stories.ts";
import { garbage } from "./garbage.ts";
import { Random } from "./random.ts";
import type { Source, Step, Story } from "./story.ts";
import { Timetable } from "./timetable.ts";

export interface ContactCentreOptions {
  /** Equal options give byte-identical posts. Runs against the same gateway need different seeds, or ids repeat. */
  seed: number;
  /** Sessions (calls and chats) before the centre closes. Default: it never does. */
  calls?: number;
  /** Share of the sessions that are chats, 0 to 1. Default 0.2. */
  chats?: number;
  /** Share of the calls that come as external session events, 0 to 1. Default 0.25. */
  external?: number;
  /** Probability that a body whose events have ids is sent again. Default 0. */
  duplicates?: number;
  /** Probability that an event overtakes the one before it of its session. Default 0. */
  reorder?: number;
  /** Probability that something unreadable is posted before a post. Default 0. */
  garbage?: number;
  /** When the day begins, epoch milliseconds: ids apart, the only origin of times. Default 2026-01-05T08:00:00Z. */
  startMs?: number;
  /** How many agents work there, at least 1. Default 40. */
  agents?: number;
}

/** One request to a webhook. */
export interface Post {
  source: Source;
  body: string;
  /** What happened: `call-held`, `chat-accepted`, `garbage-truncated`. */
  what: string;
  /** What a gateway has to make of it. */
  expect: "event" | "duplicate" | "garbage";
  /** Events in the body; 0 when it is garbage. */
  events: number;
  /** The same for all posts of one session, and for all sign-ins and sign-outs of one agent. */
  sessionKey: string;
  /** The agents whom the body names. */
  agentIds: readonly string[];
  /** Path of the queue by name, or empty. */
  queue: string;
  /** `incoming`, `outgoing` or empty. */
  direction: string;
  /** When it is posted, in simulated epoch milliseconds. Never decreases. */
  atMs: number;
}

type Entry =
  | { is: "arrival" }
  | { is: "login"; agent: Agent }
  | { is: "step"; story: Story; index: number }
  | { is: "again"; post: Post };

const meanSessionMs = 200_000;
const occupancy = 0.75;
const loginsWithinMs = 60_000;
const breakShare = 0.01;
const leavesAtClosing = 0.5;

export function* contactCentre(options: ContactCentreOptions): Generator<Post, void, undefined> {
  const centre = new ContactCentre(options);
  yield* centre.posts();
}

class ContactCentre {
  readonly #options: Required<ContactCentreOptions>;
  readonly #random: Random;
  readonly #mishaps: Random;
  readonly #timetable = new Timetable<Entry>();
  readonly #agents = new Map<string, Agent>();
  readonly #free: Agent[] = [];
  #nowMs: number;
  #sessions = 0;
  #garbage = 0;
  #chatId: number;

  constructor(options: ContactCentreOptions) {
    const startMs = options.startMs ?? Date.UTC(2026, 0, 5, 8);
    const defaults = { calls: Infinity, chats: 0.2, external: 0.25, duplicates: 0, reorder: 0, garbage: 0, agents: 40 };
    this.#options = { ...defaults, ...options, startMs };
    if (this.#options.agents < 1) throw new RangeError("A contact centre needs at least one agent.");
    this.#random = new Random(options.seed);
    this.#mishaps = this.#random.fork(-1);
    this.#chatId = this.#random.int(100, 1_000_000_000);
    this.#nowMs = startMs;
  }

  *posts(): Generator<Post, void, undefined> {
    for (let index = 0; index < this.#options.agents; index++) {
      const agent = agentAt(index);
      this.#agents.set(agent.id, agent);
      this.#timetable.add(this.#nowMs + this.#random.int(0, loginsWithinMs), { is: "login", agent });
    }
    this.#timetable.add(this.#nowMs + this.#arrivalMs(), { is: "arrival" });
    for (let due = this.#timetable.next(); due !== undefined; due = this.#timetable.next()) {
      this.#nowMs = due.atMs;
      yield* this.#happen(due.entry);
    }
    for (const agent of this.#free) {
      if (this.#random.chance(leavesAtClosing)) yield* this.#step(agentStory(agent, "logout"), 0);
    }
  }

  *#happen(entry: Entry): Generator<Post, void, undefined> {
    switch (entry.is) {
      case "arrival":
        return this.#arrive();
      case "login":
        return yield* this.#step(agentStory(entry.agent, "login"), 0);
      case "step":
        return yield* this.#step(entry.story, entry.index);
      case "again":
        yield { ...entry.post, atMs: this.#nowMs };
    }
  }

  #arrivalMs(): number {
    return this.#random.exponentialMs(meanSessionMs / (this.#options.agents * occupancy));
  }

  /** Someone who finds no agent free comes back later, as a caller would hear a busy tone. */
  #arrive(): void {
    if (this.#sessions >= this.#options.calls) return;
    const agent = this.#takeAgent();
    if (agent !== undefined) this.#schedule(this.#newSession(agent, this.#random.fork(this.#sessions++)), 0);
    this.#timetable.add(this.#nowMs + this.#arrivalMs(), { is: "arrival" });
  }

  #takeAgent(): Agent | undefined {
    if (this.#free.length === 0) return undefined;
    return this.#free.splice(this.#random.int(0, this.#free.length - 1), 1)[0];
  }

  #newSession(agent: Agent, random: Random): Story {
    const cast = { random, startMs: this.#nowMs, agent, takeAgent: () => this.#takeAgent() };
    const { chats, external, reorder } = this.#options;
    let story: Story;
    if (random.chance(chats)) story = chat(cast, this.#chatId++);
    else if (random.chance(external)) story = externalCall(cast);
    else story = random.chance(0.25) ? outboundCall(cast) : inboundCall(cast);
    return reorder > 0 ? { ...story, steps: swapSomeSteps(story.steps, reorder, this.#mishaps) } : story;
  }

  #schedule(story: Story, index: number): void {
    const step = story.steps[index];
    if (step !== undefined) this.#timetable.add(this.#nowMs + step.afterMs, { is: "step", story, index });
  }

  *#step(story: Story, index: number): Generator<Post, void, undefined> {
    const step = story.steps[index]!;
    const post = toPost(story, step, this.#nowMs);
    if (this.#mishaps.chance(this.#options.garbage)) yield this.#garbageLike(post);
    yield post;
    if (step.source === "ccai-external" && this.#mishaps.chance(this.#options.duplicates)) {
      const again: Post = { ...post, expect: "duplicate" };
      this.#timetable.add(this.#nowMs + this.#mishaps.int(10, 8_000), { is: "again", post: again });
    }
    this.#schedule(story, index + 1);
    for (const id of step.frees) yield* this.#release(this.#agents.get(id)!, step);
  }

  /** Now and then someone who has just finished a session signs out for a while. */
  *#release(agent: Agent, step: Step): Generator<Post, void, undefined> {
    if (step.what === "agent-login" || !this.#random.chance(breakShare)) {
      this.#free.push(agent);
      return;
    }
    this.#timetable.add(this.#nowMs + this.#random.int(300_000, 1_800_000), { is: "login", agent });
    yield* this.#step(agentStory(agent, "logout"), 0);
  }

  #garbageLike(post: Post): Post {
    const made = garbage(post.body, this.#mishaps);
    const sessionKey = `garbage-${++this.#garbage}`;
    return { ...post, ...made, expect: "garbage", events: 0, sessionKey, agentIds: [], queue: "", direction: "" };
  }
}

function toPost({ sessionKey, queue, direction }: Story, step: Step, atMs: number): Post {
  const { source, what, events, agentIds } = step;
  const body = JSON.stringify(step.body);
  return { source, body, what, expect: "event", events, sessionKey, agentIds, queue, direction, atMs };
}
