/**
 * What `publish` reads: one JSON document, or JSON lines. The text is sent exactly as it is, so that long integers keep
 * their digits. Lines are offered as they arrive, so that a pipe that stays open is published as it goes.
 */
import { createReadStream } from "node:fs";
import { CommandFailure } from "./failure.ts";

export interface Document {
  text: string;
  /** `file` or `file:line`, for messages. */
  place: string;
}

const largestBatchItems = 500;
const largestBatchCharacters = 1_000_000;

/** Batches of documents of a file, or of stdin for `-`. */
export async function* readDocuments(file: string): AsyncGenerator<Document[]> {
  const name = file === "-" ? "stdin" : file;
  const input: AsyncIterable<Uint8Array> = file === "-" ? process.stdin : createReadStream(file);
  try {
    for await (const batch of splitDocuments(decodeText(input), name)) yield* inBatches(batch);
  } catch (error) {
    if (error instanceof TypeError) throw new CommandFailure(`${name} is not valid UTF-8.`);
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new CommandFailure(`cannot read ${name}: ${(error as Error).message}.`);
  }
}

async function* decodeText(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const bytes of input) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

/** The documents of a text that comes in pieces, as soon as they are whole. Pure but for the pieces. */
export async function* splitDocuments(pieces: AsyncIterable<string>, name: string): AsyncGenerator<Document[]> {
  let held = "";
  let lineNumber = 0;
  let asLines: boolean | undefined;
  for await (const piece of pieces) {
    held += piece;
    if (asLines === false || !held.includes("\n")) continue;
    asLines ??= isLineOfObjects(held);
    if (!asLines) continue;
    const lines = held.split("\n");
    held = lines.pop()!;
    yield toDocuments(lines, name, lineNumber);
    lineNumber += lines.length;
  }
  if (asLines) yield toDocuments(held.split("\n"), name, lineNumber);
  else yield wholeText(held, name);
}

/** Whether the first line that is not blank is an object by itself. Undefined while there is no such line. */
function isLineOfObjects(text: string): boolean | undefined {
  const first = text
    .slice(0, text.lastIndexOf("\n"))
    .split("\n")
    .find((line) => line.trim() !== "");
  return first === undefined ? undefined : isObject(first);
}

/** A text whose first line is no object: one document, or JSON lines of which the first is broken. */
function wholeText(text: string, name: string): Document[] {
  if (text.trim() === "") throw new CommandFailure(`${name} is empty.`);
  const lines = text.split("\n");
  if (isJson(text) || !lines.some((line) => isObject(line))) return [{ text, place: name }];
  return toDocuments(lines, name, 0);
}

function toDocuments(lines: string[], name: string, before: number): Document[] {
  return lines
    .map((line, index) => ({ text: line.trim(), place: `${name}:${before + index + 1}` }))
    .filter(({ text }) => text !== "");
}

function* inBatches(documents: Document[]): Generator<Document[]> {
  let batch: Document[] = [];
  let characters = 0;
  for (const document of documents) {
    if (batch.length === largestBatchItems || (batch.length > 0 && characters > largestBatchCharacters)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(document);
    characters += document.text.length;
  }
  if (batch.length > 0) yield batch;
}

function isObject(text: string): boolean {
  return text.trimStart().startsWith("{") && isJson(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
