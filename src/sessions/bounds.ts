/**
 * Keeps a session small however long the call lasts: what is encoded and stored with every event must not grow without end.
 * `Session.truncated` says when something was left out.
 */
import type { SessionState } from "./session-state.ts";

/** What the entries of all lists of a session may take, in bytes of their encoding; far below the 256 KiB promised. */
export const maxListBytes = 64 * 1024;
/** Upper bounds of an entry's encoding beside its texts, and of a character. */
const entryBytes = 80;
const characterBytes = 3;

/** Longest text carried: a whole queue path, an address, a disposition. In characters. */
const maxTextLength = 1_024;

/** Adds to a list, unless the session is full. @param textLength characters of the entry's texts */
export function addBounded<T>(state: SessionState, list: T[], entry: T, textLength: number): boolean {
  const bytes = entryBytes + characterBytes * textLength;
  if (state.listBytes + bytes > maxListBytes) {
    state.session.truncated = true;
    return false;
  }
  state.listBytes += bytes;
  list.push(entry);
  return true;
}

/** The text, or nothing when it is too long to be carried. */
export function boundedText({ session }: SessionState, text: string): string {
  if (text.length <= maxTextLength) return text;
  session.truncated = true;
  return "";
}

export function pathLength(path: readonly string[]): number {
  let length = 0;
  for (const segment of path) length += segment.length + 1;
  return length;
}

export function boundedPath({ session }: SessionState, path: readonly string[]): string[] {
  if (pathLength(path) <= maxTextLength) return [...path];
  session.truncated = true;
  return [];
}
