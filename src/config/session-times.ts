/** When the gateway gives up waiting for a session's end, and when a closed one is complete. */
export interface SessionTimes {
  /** An open session that was silent for so long is expired. */
  expireAfterMs: number;
  /** The same for one with a party on hold. */
  expireHeldAfterMs: number;
  /** A closed session that was silent for so long is sealed. */
  wrapUpMs: number;
  /** Nothing is expired or sealed for so long after a start: what the source could not send meanwhile may still come. */
  startGraceMs: number;
}

const minuteMs = 60_000;

/** The source writes its own record of a session 15 minutes after the end (ccai-events.md, delivery). */
export const defaultSessionTimes: Readonly<SessionTimes> = Object.freeze({
  expireAfterMs: 12 * 60 * minuteMs,
  expireHeldAfterMs: 24 * 60 * minuteMs,
  wrapUpMs: 15 * minuteMs,
  startGraceMs: 5 * minuteMs,
});
