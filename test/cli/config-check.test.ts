import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callwire-config-"));
  file = join(folder, "callwire.yaml");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("config check says ok", async () => {
  writeFileSync(file, "listen: 127.0.0.1:7460\n");
  expect(await runCli(["config", "check", "--config", file])).toEqual({ code: 0, stdout: "ok\n", stderr: "" });
});

test("config check prints every problem, one a line, and fails", async () => {
  writeFileSync(file, "listn: 127.0.0.1:7460\nlimits:\n  max_filters: none\n");
  const { code, stdout, stderr } = await runCli(["config", "check", "--config", file]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^callwire: .*listn.*"listen".*$/m);
  expect(stderr).toMatch(/^callwire: .*limits\.max_filters.*$/m);
});
