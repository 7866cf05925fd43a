/**
 * What a recorder has to write of the calls of a simulated contact centre. What happened on a call is known from the centre
 * itself, without the gateway's reading of it; only the times are the gateway's, since no source has them.
 */
import { type ContactCentreOptions, contactCentre, type Post } from "../../src/simulator/contact-centre.ts";

/** A span in epoch milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** A line of a recorder, with times in epoch milliseconds. */
export interface RecordedCall {
  call_id: string;
  source: string;
  direction: string;
  queue: string[];
  agents: string[];
  started: number | null;
  ended: number;
  segments: Span[];
  paused: Span[];
  complete: boolean;
}

/** One call event of the journal. */
export interface JournalEvent {
  callId: string;
  /** When the gateway received it, epoch milliseconds. */
  receivedMs: number;
}

const answers: ReadonlySet<string> = new Set(["call-inbound-connected", "call-outbound-connected", "external-active"]);
const ends: ReadonlySet<string> = new Set(["call-inbound-disconnected", "call-outbound-disconnected", "external-end"]);

interface OpenCall {
  /** What the journal has not had yet, one post for each event. */
  ahead: Post[];
  agents: Set<string>;
  started: number | null;
  paused: Span[];
}

export class Truth {
  readonly #posts: Iterator<Post>;
  readonly #calls = new Map<string, OpenCall>();
  /** The calls that have ended, in the order of the journal. */
  readonly ended: RecordedCall[] = [];

  constructor(centre: ContactCentreOptions) {
    this.#posts = contactCentre(centre);
  }

  /** Takes the journal's next call event. @throws Error for one that the centre did not post */
  observe({ callId, receivedMs }: JournalEvent): void {
    const call = this.#call(callId);
    const { what, agentIds, source, direction, queue } = this.#nextPost(callId, call);
    for (const agentId of agentIds) call.agents.add(agentId);
    if (answers.has(what)) call.started ??= receivedMs;
    if (what === "call-redacted") call.paused.push({ from: receivedMs, to: Number.POSITIVE_INFINITY });
    if (what === "call-unredacted") call.paused.at(-1)!.to = receivedMs;
    if (!ends.has(what)) return;
    const { started, paused } = call;
    this.ended.push({
      call_id: callId,
      source,
      direction,
      queue: queue.split("/"),
      agents: [...call.agents],
      started,
      ended: receivedMs,
      segments: started === null ? [] : without(started, receivedMs, paused),
      paused,
      complete: true,
    });
  }

  #call(callId: string): OpenCall {
    const known = this.#calls.get(callId);
    if (known !== undefined) return known;
    const call: OpenCall = { ahead: [], agents: new Set(), started: null, paused: [] };
    this.#calls.set(callId, call);
    return call;
  }

  /** The centre is asked for as much of its day as the journal has seen. */
  #nextPost(callId: string, call: OpenCall): Post {
    while (call.ahead.length === 0) {
      const { value: post } = this.#posts.next();
      if (post === undefined) throw new Error(`the contact centre posted no such event of the call ${callId}`);
      const id = /^call-(.*)$/.exec(post.sessionKey)?.[1];
      if (id === undefined) continue;
      const { ahead } = this.#call(id);
      for (let event = 0; event < post.events; event++) ahead.push(post);
    }
    return call.ahead.shift()!;
  }
}

/** What is left of a time without its pauses. */
function without(from: number, to: number, pauses: readonly Span[]): Span[] {
  const begins = [from, ...pauses.map((pause) => pause.to)];
  const endings = [...pauses.map((pause) => pause.from), to];
  return begins.map((begin, index) => ({ from: begin, to: endings[index]! })).filter((span) => span.from < span.to);
}
