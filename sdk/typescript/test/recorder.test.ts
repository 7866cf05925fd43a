/** The sample: one line a finished call, also across a restart of the recorder. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import type { RecordingLine } from "../samples/recording.ts";
import { gateway } from "./gateway.ts";

/** Two processes are started, on machines that may be busy. */
const timeoutMs = 60_000;

const sample = join(import.meta.dirname, "../samples/recorder.ts");

it(
  "the recorder sample pauses for redaction and goes on after a restart",
  async () => {
    const { client, url } = await gateway();
    const folder = mkdtempSync(join(tmpdir(), "callwire-recorder-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [out, checkpoint] = [join(folder, "calls.jsonl"), join(folder, "position.json")];
    const stopped: Promise<unknown>[] = [];
    const start = (): ChildProcess => {
      const child = spawn(process.execPath, [sample, "--url", url, "--checkpoint", checkpoint, "--out", out], {
        stdio: "inherit",
      });
      stopped.push(once(child, "exit"));
      onTestFinished(() => void child.kill("SIGKILL"));
      return child;
    };
    const publish = async (state: string, participants: object[], call = "1"): Promise<string> => {
      const item = { CallID: call, State: state, Direction: "incoming", Queue_path_names: "support/orders" };
      const value = JSON.stringify({ type: "CallState", item: { ...item, Participants: participants } });
      const { results } = await client.publishEvents({ source: "ccai", items: [{ event: { case: "json", value } }] });
      return results[0]!.cursor;
    };
    const handled = (cursor: string) =>
      vi.waitFor(() => expect(JSON.parse(readFileSync(checkpoint, "utf8"))).toMatchObject({ cursor }), timeoutMs);
    const agent = (state: string) => ({ Type: "agent", ParticipantID: 7, State: state });
    const caller = { Type: "external", ParticipantID: "+49301", State: "connected" };

    const first = start();
    await publish("ringing", []);
    await publish("connected", [agent("connected"), caller]);
    await handled(await publish("connected", [agent("redacted"), caller]));
    first.kill("SIGTERM");
    expect(await stopped[0]).toEqual([0, null]);

    await publish("connected", [agent("connected"), caller]);
    await publish("ringing", [], "missed");
    const second = start();
    await publish("disconnected", [], "missed");
    await handled(await publish("disconnected", []));
    second.kill("SIGTERM");
    expect(await stopped[1]).toEqual([0, null]);

    expect(existsSync(out)).toBe(true);
    const lines = readFileSync(out, "utf8").trimEnd().split("\n");
    const [missed, recorded] = lines.map((line) => JSON.parse(line) as RecordingLine);
    expect(lines).toHaveLength(2);
    expect(missed).toMatchObject({
      call_id: "missed",
      agents: [],
      started: null,
      segments: [],
      paused: [],
      complete: true,
    });
    expect(recorded).toMatchObject({
      call_id: "1",
      source: "ccai",
      direction: "incoming",
      queue: ["support", "orders"],
      agents: ["7"],
      complete: true,
    });
    expect(recorded!.paused).toHaveLength(1);
    const [pause] = recorded!.paused;
    expect(recorded!.segments).toEqual(
      [
        { from: recorded!.started, to: pause!.from },
        { from: pause!.to, to: recorded!.ended },
      ].filter(({ from, to }) => from !== to),
    );
  },
  timeoutMs,
);
