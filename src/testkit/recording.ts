/** What a handler recorded: JSON lines, one a delivery, each with the `cursor` or the `offset` of an event. */

export interface Recorded {
  /** Line of the recording, from 1. */
  line: number;
  offset: bigint;
  /** Of the cursor; undefined when only the offset was recorded. */
  epoch?: string;
}

/** A recording that cannot be read; the message names the line. */
export class RecordingError extends Error {
  override name = "RecordingError";
}

const cursorShape = /^([0-9a-f]{8})-(\d{1,20})$/;
const offsetShape = /^\d{1,20}$/;

/** Empty lines are passed over. @throws RecordingError for a line that is no JSON object with a cursor or an offset */
export function parseRecording(text: string): Recorded[] {
  return text.split("\n").flatMap((line, index) => (line.trim() === "" ? [] : [parseLine(line, index + 1)]));
}

function parseLine(text: string, line: number): Recorded {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RecordingError(`line ${line} is no JSON (${(error as Error).message})`);
  }
  const { cursor, offset } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const match = typeof cursor === "string" ? cursorShape.exec(cursor) : null;
  if (match !== null) return { line, offset: BigInt(match[2]!), epoch: match[1]! };
  const digits = typeof offset === "number" || typeof offset === "string" ? String(offset) : "";
  if (cursor === undefined && offsetShape.test(digits)) return { line, offset: BigInt(digits) };
  throw new RecordingError(
    `line ${line} has neither a cursor (0a1b2c3d-42) nor an offset that is a whole number: ${text.slice(0, 100)}`,
  );
}
