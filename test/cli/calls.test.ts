/** `calls`, `call` and `explain` against a real gateway. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";
import { runCli } from "./run-cli.ts";

let running: RunningGateway;
let env: Record<string, string>;
const cursors: string[] = [];

beforeAll(async () => {
  running = await runningGateway();
  env = { CALLWIRE_GATEWAY: running.gateway.url };
  const parties = (...ids: string[]) => ids.map((id) => ({ ParticipantID: id, Type: "agent", State: "connected" }));
  const tell = async (CallID: string, State: string, item: object) => {
    const response = await running.post(JSON.stringify({ type: "CallState", item: { CallID, State, ...item } }));
    cursors.push(...((await response.json()) as { cursors: string[] }).cursors);
  };
  await tell("one", "connected", { Direction: "incoming", Queue_path_names: "support", Participants: parties("7") });
  await tell("one", "transferred", { Participants: parties("8") });
  await tell("two", "ringing", { Direction: "outgoing" });
  await tell("two", "disconnected", {});
});

afterAll(() => running.dispose());

test("calls shows the open ones with who is on them, and the closed ones when asked", async () => {
  const open = await runCli(["calls"], { env });
  expect(open).toMatchObject({ code: 0, stderr: "" });
  const [heading, ...rows] = open.stdout.trimEnd().split("\n");
  expect(heading).toMatch(/^id +kind +dir +queue +state +agents +holds +since$/);
  expect(rows).toEqual([expect.stringMatching(/^one +call +in +support +transferred +8 +- +\d\d:\d\d$/)]);
  const closed = await runCli(["calls", "--closed", "--json"], { env });
  expect(JSON.parse(closed.stdout)).toMatchObject({ sessionId: "two", state: "disconnected" });
  expect((await runCli(["calls", "--queue", "nowhere"], { env })).stdout).toBe("no open calls\n");
});

test("call tells the story of one call with what each event means", async () => {
  const { code, stdout } = await runCli(["call", "one"], { env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/connected \(answered\).*\n.*transferred \(transferred_cold\)/);
  expect(stdout).toContain("Odd: first_seen_connected, implicit_leave.");
  const missing = await runCli(["call", "nobody"], { env });
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("no event of call") });
});

test("explain says which clause matched, on which value, and where that came from", async () => {
  const transfer = cursors[1]!;
  const { code, stdout } = await runCli(["explain", transfer, "--agent", "7", "--queue", "support"], { env });
  expect(code).toBe(0);
  expect(stdout).toContain("filter flags matches\n");
  expect(stdout).toContain("agent_ids matches: on 7 (taken away by this event)\n");
  expect(stdout).toContain("queue_names matches: on support (from the call's context)\n");
  const other = await runCli(["explain", transfer, "--agent", "9"], { env });
  expect(other.stdout).toContain("agent_ids does not match: the event has 8, 7 (taken away by this event)\n");
});
