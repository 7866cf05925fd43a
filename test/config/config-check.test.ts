/** `callwire config check` as a user runs it: 0 when it would start, 1 with every problem, 2 for wrong usage. */
import { expect, test } from "vitest";
import { runCli } from "../cli/run-cli.ts";
import { fileWith, withPassword } from "./given-config.ts";

test("0 and ok, with a secret that stays unseen", async () => {
  const config = fileWith(withPassword("{env: CALLWIRE_P}"), "good.yaml");
  const run = await runCli(["config", "check", "--config", config], { env: { CALLWIRE_P: "hunter2" } });
  expect(run).toEqual({ code: 0, stdout: "ok\n", stderr: "" });
});

test("1 and every problem in a line of its own, none of which quotes the file", async () => {
  const config = fileWith("tenants:\n  password: x: hunter2\n\tlog: {}\n", "bad.yaml");
  const { code, stdout, stderr } = await runCli(["config", "check", "--config", config]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("line 2, column 13");
  expect(stderr).not.toContain("hunter2");
  for (const line of stderr.trim().split("\n"))
    expect(line).toMatch(/^callwire: .*bad\.yaml: .* at line \d, column \d+$/);
});

test("1 in words of the configuration, not of its checker", async () => {
  const config = fileWith(
    "tenants: [{id: a}, {id: b, sources: []}]\njournal: jetstream\nlog: {level: 7}\n",
    "words.yaml",
  );
  const { stderr } = await runCli(["config", "check", "--config", config]);
  expect(stderr.trim().split("\n")).toEqual([
    "callwire: tenants.0.sources: missing; give a list",
    "callwire: tenants.1.sources: give at least one",
    "callwire: journal: not a mapping of keys",
    'callwire: log.level: not one of "trace", "debug", "info", "warn", "error", "fatal", "silent"',
  ]);
});

test("1 for what the environment brings", async () => {
  const { code, stderr } = await runCli(["config", "check"], {
    env: { CALLWIRE_LISTEN: "0.0.0.0:1", CALLWIRE_LISTN: "" },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/--allow-anonymous.*\n.*CALLWIRE_LISTN is not known/);
});

test.each([[["--confg", "x"]], [["--config"]], [["x.yaml"]]])("2 for %j", async (args) => {
  const { code, stdout } = await runCli(["config", "check", ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});
