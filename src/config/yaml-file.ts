/** The configuration file as a tree of keys. Messages quote none of its lines, since a secret may stand there by mistake. */
import { readFileSync } from "node:fs";
import { type ErrorCode, parseDocument, stringify, type YAMLParseError, type YAMLWarning } from "yaml";
import { ConfigError } from "./config.ts";

export type Tree = Record<string, unknown>;

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** For messages that would quote the file, or are meant for the parser's caller. */
const ownWords: Partial<Record<ErrorCode, string>> = {
  TAG_RESOLVE_FAILED: "a tag that is not known",
  MULTIPLE_DOCS: "more than one document",
};

function described({ code, message, linePos }: YAMLParseError | YAMLWarning): string {
  const what = ownWords[code] ?? message.split("\n")[0]!;
  if (linePos === undefined) return what;
  const [{ line, col }] = linePos;
  return `${what.replace(/ at line \d+, column \d+:?$/, "")} at line ${line}, column ${col}`;
}

/** @throws ConfigError */
export function readYaml(path: string): Tree {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError([`${path} cannot be read: ${(error as Error).message}`]);
  }
  const document = parseDocument(text);
  const troubles = [...document.errors, ...document.warnings];
  if (troubles.length > 0) throw new ConfigError(troubles.map((trouble) => `${path}: ${described(trouble)}`));
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch {
    throw new ConfigError([`${path}: an alias (*NAME) has no anchor before it, or aliases expand too far`]);
  }
  if (!isTree(value)) throw new ConfigError([`${path} is not a mapping of keys`]);
  return value;
}

export function printYaml(value: object): string {
  return stringify(value, { lineWidth: 120 });
}
