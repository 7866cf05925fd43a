import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CursorFile, loadCursorFile } from "../../src/cli/cursor-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callwire-cursor-"));
  path = join(folder, "seen.cursor");
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (offset: number) => ({ cursor: `0a1b2c3d-${offset}`, filterDigest: "00112233aabbccdd" });

test("a file that does not exist is a fresh start", () => {
  expect(loadCursorFile(path)).toBeUndefined();
});

test("what is saved is loaded, and a file written by hand may hold only the cursor", () => {
  const file = new CursorFile(path, () => 0);
  file.note(at(7));
  expect(loadCursorFile(path)).toEqual(at(7));
  writeFileSync(path, "0a1b2c3d-9\n");
  expect(loadCursorFile(path)).toEqual({ cursor: "0a1b2c3d-9", filterDigest: "" });
});

test("saves at most once a second, and the rest on flush, leaving no other file behind", () => {
  let nowMs = 0;
  const file = new CursorFile(path, () => nowMs);
  file.note(at(1));
  nowMs = 999;
  file.note(at(2));
  expect(readFileSync(path, "utf8")).toContain("-1\n");
  nowMs = 1_000;
  file.note(at(3));
  expect(readFileSync(path, "utf8")).toContain("-3\n");
  file.note(at(4));
  file.flush();
  expect(readFileSync(path, "utf8")).toContain("-4\n");
  expect(readdirSync(folder)).toEqual(["seen.cursor"]);
});

test("a file that holds no cursor is not overwritten by a fresh start", () => {
  writeFileSync(path, "something else\n");
  expect(() => loadCursorFile(path)).toThrow("holds no cursor");
});
