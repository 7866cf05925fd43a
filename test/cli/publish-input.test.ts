import { expect, test } from "vitest";
import { splitDocuments } from "../../src/cli/publish-input.ts";

async function split(...pieces: string[]): Promise<[place: string, text: string][]> {
  async function* stream() {
    yield* pieces;
  }
  const batches = await Array.fromAsync(splitDocuments(stream(), "f"));
  return batches.flat().map(({ place, text }) => [place, text]);
}

test("a document over several lines is one item, exactly as written", async () => {
  const text = '{\n  "chat_id": 12345678901234567890\n}\n';
  expect(await split(text.slice(0, 8), text.slice(8))).toEqual([["f", text]]);
});

test("JSON lines are one item a line, also when a line comes in pieces", async () => {
  expect(await split('{"a":1}\n{"b"', ":2}\n\n", '{"c":3}')).toEqual([
    ["f:1", '{"a":1}'],
    ["f:2", '{"b":2}'],
    ["f:4", '{"c":3}'],
  ]);
});

test("lines are offered before the input ends", async () => {
  async function* endless() {
    yield '{"a":1}\n';
    throw new Error("read on before offering what was there");
  }
  const { value } = await splitDocuments(endless(), "f").next();
  expect(value).toEqual([{ place: "f:1", text: '{"a":1}' }]);
});

test("a broken first line does not swallow the good ones", async () => {
  expect((await split('{"a":\n{"b":2}\n')).map(([place]) => place)).toEqual(["f:1", "f:2"]);
});

test("a broken document stays one item, for the gateway to refuse as a whole", async () => {
  expect(await split('{\n "a": 1,\n}\n')).toHaveLength(1);
});

test("an empty input is said", async () => {
  await expect(split("\n")).rejects.toThrow("f is empty");
});
