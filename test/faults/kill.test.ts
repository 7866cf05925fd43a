import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { defaultLimits } from "../../src/config/limits.ts";
import { rebuildView } from "../../src/log/rebuild-view.ts";
import { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { journalFile } from "../../src/log/sqlite/journal-store.ts";
import { type GatewayProcess, history, postCall, serve } from "./gateway-process.ts";

/** What the view holds of sessions, and its counters, as rows. */
function viewOf(folder: string): unknown[] {
  const database = new DatabaseSync(join(folder, journalFile), { readOnly: true });
  const tables = ["tenant", "event_block", "session_block", "session", "session_keys", "agent"];
  const rows = tables.flatMap((table) => database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all());
  database.close();
  return rows;
}

/** Posts single events until the gateway is gone; gives what was acknowledged, by cursor. */
async function postUntilDead(url: string, round: number, acknowledged: Map<string, string>): Promise<void> {
  const post = async (worker: number): Promise<void> => {
    for (let index = 0; ; index++) {
      const id = `${round}-${worker}-${index}`;
      const { body } = await postCall(url, id);
      acknowledged.set(body.cursors![0]!, id);
    }
  };
  await Promise.allSettled(Array.from({ length: 8 }, (_, worker) => post(worker)));
}

it("has every acknowledged event once, in order and under the same cursor, after each kill -9, and the state that they add up to", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callwire-kill-"));
  const acknowledged = new Map<string, string>();
  let running: GatewayProcess | undefined;
  onTestFinished(() => {
    running?.child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  for (let round = 0; round < 4; round++) {
    running = await serve(folder);
    const { child, url } = running;
    const posting = postUntilDead(url, round, acknowledged);
    const before = acknowledged.size;
    while (acknowledged.size < before + 100 + round * 50) await new Promise((resolve) => setImmediate(resolve));
    child.kill("SIGKILL");
    await Promise.all([posting, once(child, "exit")]);
  }
  running = await serve(folder);
  const { child, url } = running;
  const stored = await history(url);
  for (const [cursor, id] of acknowledged) expect(stored.get(cursor)).toBe(id);
  expect(new Set(stored.values()).size).toBe(stored.size);
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
  const before = viewOf(folder);
  const store = new EmbeddedStore(folder, defaultLimits);
  store.group(() => rebuildView(store, "default"));
  store.close();
  expect(viewOf(folder)).toEqual(before);
});
