import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};
const commands = [
  "serve",
  "demo",
  "tail",
  "list",
  "calls",
  "call",
  "explain",
  "publish",
  "simulate",
  "quarantine",
  "config",
  "version",
];

test("version prints the version of the package", async () => {
  const { code, stdout, stderr } = await runCli(["version", "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({ version: manifest.version, node: process.versions.node });
});

test("--version says it too", async () => {
  const { code, stdout } = await runCli(["--version"]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `callwire ${manifest.version} (Node ${process.versions.node})\n`,
  });
});

test("--help lists every command", async () => {
  const { code, stdout } = await runCli(["--help"]);
  expect(code).toBe(0);
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
});

test.each(commands)("%s has --help", async (command) => {
  const { code, stdout, stderr } = await runCli([command, "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(`Usage: callwire ${command}`);
});

test.each([
  [["tial"], "Did you mean tail?"],
  [["tail", "--quueue", "x"], "Did you mean --queue?"],
  [["tail", "--direction", "sideways"], "incoming, outgoing"],
  [["tail", "--from", "tomorrow"], "--from takes earliest"],
  [["tail", "--view", "huge"], "Allowed choices are basic, full"],
  [["list", "--limit", "0"], "--limit takes a whole number"],
  [["list", "--gateway", "ftp://x"], "--gateway takes an address"],
  [["publish"], "missing required argument"],
  [["explain", "1-1"], "at least one filter"],
  [["explain", "1-1", "--queue", "support"], "explain takes an event's cursor"],
  [["serve", "--listen", "nonsense"], "--listen takes HOST:PORT, such as 127.0.0.1:7450"],
  [["serve", "--listen", "127.0.0.1:99999"], "--listen takes HOST:PORT"],
  [["demo", "--listen", "7450"], "--listen takes HOST:PORT"],
  [["testkit", "proxy", "--listen", "x"], "--listen takes HOST:PORT"],
  [["testkit", "run", "--listen", "x"], "--listen takes HOST:PORT"],
  [["admin", "keys", "create", "x", "--permission", "everything"], "subscribe, publish, observe, admin"],
  [["quarantine", "retry"], "--all"],
  [["version", "extra"], "too many arguments"],
  [["config"], "Usage: callwire config"],
  [[], "Usage: callwire"],
])("wrong usage ends with 2 and says what was meant: %j", async (args, hint) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(hint);
  expect(stderr).not.toMatch(/^ {4}at /m);
});

test.each([
  ["tail"],
  ["list"],
  ["publish", "-"],
  ["quarantine", "list"],
])("%s says in one line that no gateway is there, and how to get one", async (...args) => {
  const { code, stdout, stderr } = await runCli([...args, "--gateway", `127.0.0.1:${await closedPort()}`], {
    input: '{"call_id":1}\n',
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^callwire: cannot reach http:\/\/127\.0\.0\.1:\d+: .*callwire serve.*--gateway\.\n$/);
});

test("publish names a file that it cannot read", async () => {
  const { code, stderr } = await runCli(["publish", "no-such.json"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^callwire: cannot read no-such\.json: .*\n$/);
});

/** A port on which nobody listens: one that was just given out and closed. */
function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
