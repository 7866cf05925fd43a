import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callerWith, reasonOf } from "../interop/caller.ts";
import { type GatewayProcess, history, postCall, serve } from "./gateway-process.ts";

let folder: string;
let gateway: GatewayProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callwire-storage-"));
});

afterEach(async () => {
  if (gateway !== undefined && gateway.child.exitCode === null) {
    gateway.child.kill("SIGKILL");
    await once(gateway.child, "exit");
  }
  gateway = undefined;
  rmSync(folder, { recursive: true });
});

/** Whether a command that a test needs works here; without it the test is skipped, which fails in CI. */
function works(command: string, args: string[]): boolean {
  return spawnSync(command, args).status === 0;
}

async function ready(url: string): Promise<{ status: number; reason?: string }> {
  const response = await fetch(`${url}/readyz`);
  const { reason } = (await response.json()) as { reason?: string };
  return { status: response.status, ...(reason === undefined ? {} : { reason }) };
}

/** Batches sent at once, and items of each: enough that groups are worked out while others are on their way to the disk. */
const [batches, items] = [16, 10];

/** The gateway has a thread for its commits by then. */
function commitsElsewhere(): boolean {
  const threads = `/proc/${gateway!.child.pid}/task`;
  return readdirSync(threads).some((id) =>
    readFileSync(join(threads, id, "comm"), "utf8").startsWith("callwire-commit"),
  );
}

/** Publishes until the gateway refuses, or until it commits as it does under load; gives what it acknowledged, by cursor, and what it refused, with the reason. */
async function publish(url: string, name: string, until: "refused" | "under load") {
  const { ingest, close } = callerWith(url, {});
  const acknowledged = new Map<string, string>();
  const refused = new Map<string, string>();
  const send = async (batch: string): Promise<void> => {
    const ids = Array.from({ length: items }, (_, index) => `${batch}-${index}`);
    const json = (id: string) =>
      JSON.stringify({ call_id: id, state: "connected", padding: randomBytes(500).toString("hex") });
    const message = { source: "ccai", items: ids.map((id) => ({ event: { case: "json" as const, value: json(id) } })) };
    const answered = ingest.publishEvents(message).then(({ results }) => {
      results.forEach(({ cursor }, index) => void acknowledged.set(cursor, ids[index]!));
    });
    const reason = await reasonOf(answered);
    if (reason !== "OK") for (const id of ids) refused.set(id, reason);
  };
  for (let round = 0; until === "refused" ? refused.size === 0 : !commitsElsewhere(); round++) {
    await Promise.all(Array.from({ length: batches }, (_, batch) => send(`${name}-${round}-${batch}`)));
  }
  close();
  return { acknowledged, refused };
}

/** What holds for every cause: nothing acknowledged is lost, nothing refused is stored, and it goes on by itself. */
async function expectRecovery(url: string, reason: string, breakDisk: () => void, mendDisk: () => void) {
  const warm = await publish(url, "warm", "under load");
  breakDisk();
  const before = await publish(url, "before", "refused");
  for (const refusal of before.refused.values()) expect(refusal).toBe(reason);
  // Something small may find room still.
  expect(await postCall(url, "refused", randomBytes(200_000).toString("hex"))).toMatchObject({
    status: 503,
    body: { reason },
  });
  expect(await ready(url)).toEqual({ status: 503, reason });
  expect((await history(url)).size).toBe(warm.acknowledged.size + before.acknowledged.size);
  mendDisk();
  await expect.poll(() => ready(url), { timeout: 120_000 }).toEqual({ status: 200 });
  expect((await postCall(url, "after")).status).toBe(200);
  const stored = await history(url);
  for (const [cursor, id] of [...warm.acknowledged, ...before.acknowledged]) expect(stored.get(cursor)).toBe(id);
  const ids = [...stored.values()];
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toContain("after");
  for (const id of ["refused", ...before.refused.keys()]) expect(ids).not.toContain(id);
}

/** In a mount namespace of its own, so that only the gateway sees the small disk. */
const smallDisk = ["unshare", "--map-root-user", "--mount"];

describe.runIf(works(smallDisk[0]!, [...smallDisk.slice(1), "mount", "-t", "tmpfs", "tmpfs", tmpdir()]))(
  "a full disk",
  () => {
    it("turns readiness off, acknowledges nothing that is not stored, and is over once there is space", async () => {
      const mount = 'mount -t tmpfs -o size=256m tmpfs "$0" && exec "$@"';
      gateway = await serve(folder, [...smallDisk, "sh", "-c", mount, folder]);
      // The gateway's own view of the folder.
      const inside = join(`/proc/${gateway.child.pid}/root`, folder);
      const filler = join(inside, "filler");
      await expectRecovery(
        gateway.url,
        "STORAGE_FULL",
        () => {
          const { bavail, bsize } = statfsSync(inside);
          writeFileSync(filler, Buffer.alloc(bavail * bsize - 1024 * 1024));
        },
        () => rmSync(filler),
      );
    });
  },
);

describe.runIf(works("prlimit", ["--version"]))("a disk that refuses writes", () => {
  it("turns readiness off, acknowledges nothing that is not stored, and is over once writes work", async () => {
    gateway = await serve(folder);
    const limitFileSize = (limit: string) =>
      execFileSync("prlimit", [`--pid=${gateway!.child.pid}`, `--fsize=${limit}:`]);
    await expectRecovery(
      gateway.url,
      "STORAGE_FAILED",
      () => limitFileSize(String(statSync(join(folder, "callwire.db-wal")).size + 500_000)),
      () => limitFileSize("unlimited"),
    );
  });
});
