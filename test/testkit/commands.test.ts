/** The commands of the kit, as a team types them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../../src/testkit/testkit.ts";
import { runCli } from "../cli/run-cli.ts";

const main = join(import.meta.dirname, "../../bin/callwire.js");
const folder = mkdtempSync(join(tmpdir(), "callwire-testkit-commands-"));
let gateway: TestGateway;
let cursors: string[];

beforeAll(async () => {
  gateway = await startTestGateway();
  cursors = await gateway.publish([
    { call_id: "c1", state: "ringing", Queue_path_names: "support" },
    { call_id: "c2", state: "ringing", Queue_path_names: "sales" },
    { call_id: "c3", state: "ringing", Queue_path_names: "support/orders" },
  ]);
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

function check(recording: string, ...flags: string[]) {
  return runCli(["testkit", "check", "-", "--gateway", gateway.directUrl, ...flags], { input: recording });
}

function recordingOf(...events: number[]): string {
  return events.map((event) => `{"cursor":"${cursors[event - 1]}"}\n`).join("");
}

describe("testkit check", () => {
  test("finds a whole recording good", async () => {
    expect(await check(recordingOf(1, 2, 3))).toEqual({
      code: 0,
      stdout: "3 of 3 events were delivered. Every guarantee was kept.\n",
      stderr: "",
    });
  });

  test("compares with the filters that are given", async () => {
    expect(await check(recordingOf(1, 3), "--queue", "support")).toMatchObject({ code: 0 });
    const wrong = await check(recordingOf(1, 2), "--queue", "support");
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain(`lost: the event ${cursors[2]}`);
    expect(wrong.stdout).toContain(`foreign: line 2 has ${cursors[1]}`);
    expect(wrong.stdout).toContain("1 of 2 events were delivered.");
  });

  test("compares within the range that is given", async () => {
    expect(await check(recordingOf(2), "--from", cursors[0]!, "--until", cursors[1]!)).toMatchObject({ code: 0 });
  });

  test("says what came again, and may allow it", async () => {
    const again = recordingOf(1, 2, 2, 3);
    expect(await check(again)).toMatchObject({ code: 1, stdout: expect.stringContaining("repeated: line 3") });
    const allowed = await check(again, "--allow-repeats");
    expect(allowed).toMatchObject({ code: 0, stdout: expect.stringContaining("1 of them more than once") });
  });

  test("refuses what is no recording, and a gateway that is not there", async () => {
    const file = join(folder, "broken.jsonl");
    writeFileSync(file, "nonsense\n");
    const broken = await runCli(["testkit", "check", file, "--gateway", gateway.directUrl]);
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining("broken.jsonl: line 1 is no JSON") });
    const nobody = await runCli(["testkit", "check", "-", "--gateway", "http://127.0.0.1:9"], { input: "" });
    expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot reach http://127.0.0.1:9") });
  });
});

describe("testkit proxy", () => {
  test("prints where it listens, tells its faults, and sums up at the end", async () => {
    const flags = ["--listen", "127.0.0.1:0", "--target", gateway.directUrl, "--fault", "reset@message:2"];
    const proxy = spawn(process.execPath, [main, "testkit", "proxy", ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    proxy.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const closed = once(proxy, "close");
    const [url] = (await once(createInterface(proxy.stdout), "line")) as [string];
    const listed = await runCli(["tail", "--gateway", url, "--from", "earliest", "--until", cursors[2]!, "--json"]);
    expect(listed.stdout.trim().split("\n")).toHaveLength(3);
    proxy.kill("SIGTERM");
    expect((await closed)[0]).toBe(0);
    expect(said).toContain("callwire: reset@message:2");
    expect(said).toMatch(/\d connections, \d+ messages passed, 1 faults, 0 still planned/);
  });

  test.each([
    ["--fault", "cut@nowhere", "is no fault"],
    ["--cut-every", "9-2", "takes a range of bytes"],
    ["--random-cuts", "0", "takes a whole number"],
  ])("%s %s is wrong usage", async (flag, value, message) => {
    const run = await runCli(["testkit", "proxy", flag, value]);
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

describe("testkit run", () => {
  const common = ["--calls", "4", "--rate", "0", "--seed", "5"];
  const tail = [process.execPath, main, "tail", "--from", "earliest", "--json"];

  test("finds a consumer that resumes good, over cuts", async () => {
    const cuts = ["--random-cuts", "3", "--cut-every", "500-1500"];
    const run = await runCli([
      "testkit",
      "run",
      ...common,
      ...cuts,
      "--queue",
      "support",
      "--",
      ...tail,
      "--queue",
      "support",
    ]);
    expect(run.stdout).toMatch(/(\d+) of \1 events were delivered\. Every guarantee was kept\./);
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/(cut|reset)@(bytes|connect):\d+/);
  });

  test("finds a consumer bad that does not get everything", async () => {
    const run = await runCli(["testkit", "run", ...common, "--settle", "1", "--", ...tail, "--kind", "agent"]);
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/^lost: /m);
  });

  test("needs a consumer, one that can be started", async () => {
    expect(await runCli(["testkit", "run"])).toMatchObject({ code: 2 });
    const run = await runCli(["testkit", "run", ...common, "--", join(folder, "no-such-program")]);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("no-such-program") });
  });
});
