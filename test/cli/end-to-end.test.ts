/** The executable against a real gateway: what is published is listed and tailed, and what is refused can be seen. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
import { type Gateway, startGateway } from "../../src/server/gateway.ts";
import { runCli } from "./run-cli.ts";

let folder: string;
let gateway: Gateway;
let env: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "callwire-end-to-end-"));
  const flags = { listen: "127.0.0.1:0", dataDir: join(folder, "data"), logLevel: "silent" };
  gateway = await startGateway(loadConfig({ flags, env: {} }));
  env = { CALLWIRE_GATEWAY: gateway.url };
});

afterEach(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

function call(id: string, state: string, direction: string): string {
  const participants = [{ ParticipantID: "1234", Type: "agent", State: "connected" }];
  const item = {
    CallID: id,
    State: state,
    Direction: direction,
    Queue_path_names: "support/orders",
    Participants: participants,
  };
  return JSON.stringify({ type: "CallState", item });
}

const lines = (text: string) => text.trimEnd().split("\n");

test("what is published is listed and tailed, with the same filters", async () => {
  const input = [
    call("1", "ringing", "incoming"),
    call("2", "dialing", "outgoing"),
    call("1", "connected", "incoming"),
  ].join("\n");
  const published = await runCli(["publish", "-", "--idempotency-prefix", "t"], { env, input });
  expect(published).toMatchObject({ code: 0, stderr: "callwire: 3 accepted, 0 duplicates, 0 rejected.\n" });
  const again = await runCli(["publish", "-", "--idempotency-prefix", "t"], { env, input });
  expect(again).toMatchObject({ code: 0, stderr: "callwire: 0 accepted, 3 duplicates, 0 rejected.\n" });

  const filters = ["--direction", "incoming", "--queue", "support", "--agent", "1234"];
  const listed = await runCli(["list", ...filters, "--json"], { env });
  expect(lines(listed.stdout).map((line) => JSON.parse(line).call.state)).toEqual([
    "CALL_STATE_RINGING",
    "CALL_STATE_CONNECTED",
  ]);
  const newest = lines(published.stdout).at(-1)!.split(/\s+/).at(-1)!;
  const tailed = await runCli(["tail", ...filters, "--json", "--from", "earliest", "--until", newest], { env });
  expect(tailed).toEqual({ code: 0, stdout: listed.stdout, stderr: "" });

  const newestFirst = await runCli(["list", "--desc", "--limit", "1"], { env });
  expect(newestFirst.stdout).toMatch(
    /^\S+Z {2}call {3}connected .* in {3}support\/orders {2}1 {2}agent 1234 connected {2}#\d+\n$/,
  );
});

test("what is refused is in quarantine until it is discarded", async () => {
  const file = join(folder, "odd.json");
  writeFileSync(file, '{"nothing": "known"}');
  const published = await runCli(["publish", file], { env });
  expect(published).toMatchObject({ code: 1, stdout: expect.stringContaining(`${file}  rejected  NOT_AN_EVENT`) });
  const listed = await runCli(["quarantine", "list", "--json"], { env });
  const { id, reason } = JSON.parse(listed.stdout) as { id: string; reason: string };
  expect(reason).toBe("NOT_AN_EVENT");
  expect((await runCli(["quarantine", "show", id], { env })).stdout).toContain('{"nothing": "known"}');
  expect(await runCli(["quarantine", "retry", id], { env })).toMatchObject({ code: 1 });
  expect((await runCli(["quarantine", "discard", id], { env })).stderr).toBe("callwire: 1 discarded.\n");
  expect((await runCli(["quarantine", "list"], { env })).stdout).toBe("");
  const gone = await runCli(["quarantine", "show", id], { env });
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining("UNKNOWN_QUARANTINE_ID") });
});

test("a position that the journal never had is refused with its reason and what to do", async () => {
  const tailed = await runCli(["tail", "--from", "00000000-5"], { env });
  expect(tailed.code).toBe(1);
  expect(tailed.stderr).toMatch(/^callwire: .*EPOCH_MISMATCH.*start with --from earliest\.\n$/);
});

test("simulate ends with every post accepted", async () => {
  const args = ["simulate", "--calls", "10", "--rate", "0", "--seed", "3", "--json"];
  const { code, stdout } = await runCli(args, { env });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ failed: 0, rejected: 0, duplicates: 0 });
});

test("serve stops with 0 at SIGTERM", async () => {
  const main = join(import.meta.dirname, "../../bin/callwire.js");
  const args = [main, "serve", "--listen", "127.0.0.1:0", "--data-dir", join(folder, "served")];
  const child = spawn(process.execPath, args, { env: { ...process.env, CALLWIRE_LOG_FORMAT: "json" } });
  const stopWhenReady = (text: Buffer) => {
    if (text.includes('"ready"')) child.kill("SIGTERM");
  };
  child.stdout.on("data", stopWhenReady);
  child.stderr.on("data", stopWhenReady);
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
});

test.each(["serve", "demo"])("%s says in one line that the port is taken", async (command) => {
  const args = [command, "--listen", `127.0.0.1:${gateway.address.port}`, "--data-dir", join(folder, "other")];
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    /^callwire: 127\.0\.0\.1:\d+ is taken by another program: choose another port with --listen.*\n$/,
  );
});

test("the demo introduces itself, shows deliveries of each subscriber, and ends by itself", async () => {
  const args = ["demo", "--listen", "127.0.0.1:0", "--data-dir", join(folder, "demo"), "--seed", "1"];
  const { code, stdout, stderr } = await runCli([...args, "--rate", "60", "--duration", "3"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("npm run --silent callwire -- tail");
  expect(stdout).toContain("grpcurl -plaintext");
  for (const label of ["queue support", "agent 1001", "outgoing"]) {
    expect(stdout).toMatch(new RegExp(`^\\[${label}\\] +\\d{4}-.* #\\d+$`, "m"));
  }
  expect(stdout).toMatch(/The demo has ended: \d+ events accepted, \d+ deliveries to 3 subscribers\.\n$/);
});
