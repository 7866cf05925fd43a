import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blocksOf } from "./blocks.ts";
import { pages } from "./pages.ts";
import { matches, shown } from "./printed.ts";

const root = join(import.meta.dirname, "../..");

test("every page with a command or a program is followed", () => {
  const docs = readdirSync(join(root, "docs")).map((name) => `docs/${name}`);
  const readmes = readdirSync(join(root, "sdk")).map((name) => `sdk/${name}/README.md`);
  const written = [...docs, ...readmes, "README.md"].filter(
    (path) => path.endsWith(".md") && existsSync(join(root, path)),
  );
  const withBlocks = written.filter((path) => blocksOf(readFileSync(join(root, path), "utf8")).length > 0);
  expect(withBlocks.filter((path) => !pages.some((page) => page.path === path))).toEqual([]);
});

test("links between pages lead somewhere", () => {
  for (const { path } of pages) {
    const text = readFileSync(join(root, path), "utf8").replaceAll(/^```.*?^```/gms, "");
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(existsSync(join(root, path, "..", target!)), `${path} links to ${target}`).toBe(true);
    }
  }
});

test("a block is a command, an output, a file that names itself, or left out for a reason", () => {
  const page = ["```sh", "ls", "```", "<!-- not run: it is slow -->", "```go", "// a/b.go", "package b", "```"].join(
    "\n",
  );
  expect(blocksOf(page)).toEqual([
    { language: "sh", text: "ls", line: 1, notRun: undefined, file: undefined },
    { language: "go", text: "// a/b.go\npackage b", line: 5, notRun: "it is slow", file: "a/b.go" },
  ]);
  expect(() => blocksOf("```sh\nls")).toThrow("does not end");
});

test.each([
  [["a", "b"], ["a", "b"], true],
  [["a"], ["a", "b"], false],
  [["a", "..."], ["a"], true],
  [["...", "b"], ["a", "a", "b"], true],
  [["...", "b", "..."], ["a", "c"], false],
  [["0a1b2c3d-7 at 2026-01-01T00:00:00Z"], ["ffffffff-7 at 2027-02-03T04:05:06.789Z"], true],
  [["0a1b2c3d-7"], ["0a1b2c3d-8"], false],
  [["{...}"], ["{1}"], true],
])("a page that shows %j is kept by %j: %s", (page, printed, isKept) => {
  expect(matches(page, printed)).toBe(isKept);
});

test("a last line ^C is the reader's", () => {
  expect(shown("a\n^C")).toEqual({ lines: ["a"], isInterrupted: true });
});
