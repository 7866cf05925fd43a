/**
 * Says where a text stops being JSON and what was expected there.
 *
 * The engine's own message lacks the position for some errors and quotes more of the input than a log should hold. Runs
 * only on texts that the engine has refused; without recursion.
 */

type Expectation =
  | "a value"
  | "a value or ']'"
  | "a key"
  | "a key or '}'"
  | "the rest of a string"
  | "':'"
  | "',' or ']'"
  | "',' or '}'"
  | "nothing more";

const space = /[ \t\n\r]*/y;
const stringRun = /[^"\\\u0000-\u001f]*/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;

/** Reads a JSON text as far as it is one. */
class Reader {
  readonly text: string;
  at = 0;
  expected: Expectation = "a value";
  readonly #open: ("{" | "[")[] = [];

  constructor(text: string) {
    this.text = text;
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }

  #string(): boolean {
    this.at++;
    do this.#skip(stringRun);
    while (this.#skip(escapeSequence));
    if (this.text[this.at] === '"') {
      this.at++;
      return true;
    }
    this.expected = "the rest of a string";
    return false;
  }

  #valueEnded(): true {
    const around = this.#open.at(-1);
    if (around === undefined) this.expected = "nothing more";
    else this.expected = around === "{" ? "',' or '}'" : "',' or ']'";
    return true;
  }

  #opened(bracket: "{" | "["): true {
    this.at++;
    this.#open.push(bracket);
    this.expected = bracket === "{" ? "a key or '}'" : "a value or ']'";
    return true;
  }

  #closed(): true {
    this.at++;
    this.#open.pop();
    return this.#valueEnded();
  }

  #punctuation(then: Expectation): true {
    this.at++;
    this.expected = then;
    return true;
  }

  #value(next: string | undefined): boolean {
    if (next === "{" || next === "[") return this.#opened(next);
    return (next === '"' ? this.#string() : this.#skip(scalar)) && this.#valueEnded();
  }

  /** Reads one token; false when what comes next is not what is expected. */
  step(): boolean {
    this.#skip(space);
    const next = this.text[this.at];
    const { expected } = this;
    if (next !== undefined && expected.endsWith(`or '${next}'`)) return this.#closed();
    if (expected.startsWith("a value")) return this.#value(next);
    if (expected.startsWith("a key")) {
      if (next !== '"' || !this.#string()) return false;
      this.expected = "':'";
      return true;
    }
    if (expected === "':'") return next === ":" && this.#punctuation("a value");
    if (next === "," && expected.startsWith("','")) {
      return this.#punctuation(this.#open.at(-1) === "{" ? "a key" : "a value");
    }
    return false;
  }
}

/** The message for a text that is not JSON. */
export function syntaxError(text: string): string {
  const reader = new Reader(text);
  while (reader.step());
  const before = text.slice(0, reader.at);
  const line = before.split("\n").length;
  const column = reader.at - before.lastIndexOf("\n");
  const codePoint = text.codePointAt(reader.at);
  const found = codePoint === undefined ? "the end" : JSON.stringify(String.fromCodePoint(codePoint));
  return `not JSON at position ${reader.at} (line ${line}, column ${column}): expected ${reader.expected}, found ${found}`;
}
