/** What is recorded of one call: from its answer to its end, without the times at which a party was redacted. */
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { CallState, Direction, type Event, type Session, SessionAnomaly, Trigger } from "../src/index.ts";

/** Times in milliseconds since 1970; `to` is infinite while it lasts. */
interface Span {
  from: number;
  to: number;
}

/** What a recorder does at a moment. */
export type RecorderState = "waiting" | "recording" | "paused";

/** One line of the output. Times are the gateway's. */
export interface RecordingLine {
  call_id: string;
  source: string;
  direction: string;
  queue: string[];
  /** Ids of the agents, in the order in which they joined. */
  agents: string[];
  /** Null for a call that nobody answered. */
  started: string | null;
  ended: string;
  /** What was recorded. */
  segments: { from: string; to: string }[];
  /** What was left out. */
  paused: { from: string; to: string }[];
  /** False when events of the call may be missing, and when its end was never reported. */
  complete: boolean;
}

const directionNames: ReadonlyMap<Direction, string> = new Map([
  [Direction.INCOMING, "incoming"],
  [Direction.OUTGOING, "outgoing"],
]);

export class Recording {
  #startedMs: number | undefined;
  readonly #pauses: Span[] = [];
  /** The source reported nothing of the call's begin: it may have been answered before. */
  readonly #isSeenMidway: boolean;
  #mayMissEvents: boolean;

  /** @param event the first one of the call that this process sees; the session tells what was before */
  constructor(event: Event, session: Session) {
    this.#isSeenMidway = session.anomalies.includes(SessionAnomaly.FIRST_SEEN_MIDWAY);
    this.#mayMissEvents = session.truncated || this.#isSeenMidway;
    if (session.answeredTime !== undefined) {
      this.#startedMs = timestampMs(session.answeredTime);
      this.#pauses = earlierPauses(session, this.#startedMs);
    }
    this.follow(event, session);
  }

  get state(): RecorderState {
    if (this.#startedMs === undefined) return "waiting";
    return this.#isPaused ? "paused" : "recording";
  }

  get #isPaused(): boolean {
    return this.#pauses.at(-1)?.to === Number.POSITIVE_INFINITY;
  }

  /** Events were lost while the call was open. */
  missEvents(): void {
    this.#mayMissEvents = true;
  }

  follow({ payload, receivedTime, redactionActive }: Event, { answeredTime }: Session): void {
    const nowMs = timestampMs(receivedTime!);
    const isConnected = payload.case === "call" && payload.value.state === CallState.CONNECTED;
    if (answeredTime !== undefined || (this.#isSeenMidway && isConnected)) this.#startedMs ??= nowMs;
    if (this.#startedMs === undefined || redactionActive === this.#isPaused) return;
    if (redactionActive) this.#pauses.push({ from: nowMs, to: Number.POSITIVE_INFINITY });
    else this.#pauses.at(-1)!.to = nowMs;
  }

  /** @param event the call's end */
  finish({ changes, receivedTime, source }: Event, session: Session): RecordingLine {
    const endedMs = timestampMs(receivedTime!);
    const pauses = this.#pauses.map(({ from, to }) => ({ from, to: Math.min(to, endedMs) }));
    const started = this.#startedMs;
    return {
      call_id: session.sessionId,
      source,
      direction: directionNames.get(session.direction) ?? "",
      queue: session.queuePathNames,
      agents: agentsOf(session),
      started: started === undefined ? null : instant(started),
      ended: instant(endedMs),
      segments: started === undefined ? [] : between(started, endedMs, pauses).map(written),
      paused: pauses.map(written),
      complete: !this.#mayMissEvents && changes.includes(Trigger.CALL_ENDED),
    };
  }
}

/** When any party was redacted since the start; spans of several parties overlap. */
function earlierPauses({ redactionSpans }: Session, startedMs: number): Span[] {
  const merged: Span[] = [];
  for (const { beginTime, endTime } of redactionSpans) {
    const from = Math.max(timestampMs(beginTime!), startedMs);
    const to = endTime === undefined ? Number.POSITIVE_INFINITY : timestampMs(endTime);
    const last = merged.at(-1);
    if (to <= from) continue;
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

/** What the pauses leave of a time. */
function between(from: number, to: number, pauses: readonly Span[]): Span[] {
  const begins = [from, ...pauses.map((pause) => pause.to)];
  const ends = [...pauses.map((pause) => pause.from), to];
  return begins.map((begin, index) => ({ from: begin, to: ends[index]! })).filter((span) => span.from < span.to);
}

function agentsOf({ agents }: Session): string[] {
  const joined = agents.toSorted((a, b) => Number(a.joinedOffset - b.joinedOffset));
  return [...new Set(joined.map(({ agentId }) => agentId))];
}

const instant = (ms: number): string => new Date(ms).toISOString();

const written = ({ from, to }: Span) => ({ from: instant(from), to: instant(to) });
