/** Cursors: `<epoch>-<offset>`, printable resume positions. */
export interface Cursor {
  /** 8 lower-case hex digits. */
  epoch: string;
  offset: number;
}

const pattern = /^([0-9a-f]{8})-(0|[1-9][0-9]{0,15})$/;

export function formatCursor(epoch: string, offset: number): string {
  return `${epoch}-${offset}`;
}

/** Undefined when the text is not a cursor. */
export function parseCursor(text: string): Cursor | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const offset = Number(match[2]);
  return Number.isSafeInteger(offset) ? { epoch: match[1]!, offset } : undefined;
}
