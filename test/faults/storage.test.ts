import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

/** Posts at once: enough that groups are worked out while others are on their way to the disk. */
const atOnce = 32;

/** Posts until the gateway refuses; gives what it acknowledged, by cursor, and what it refused. */
async function postUntilRefused(url: string) {
  const acknowledged = new Map<string, string>();
  const refused = new Map<string, { status: number; reason: string | undefined }>();
  for (let round = 0; refused.size === 0; round++) {
    const ids = Array.from({ length: atOnce }, (_, index) => `before-${round}-${index}`);
    const answers = await Promise.all(ids.map((id) => postCall(url, id, "x".repeat(4_000))));
    answers.forEach(({ status, body }, index) => {
      if (status === 200) acknowledged.set(body.cursors![0]!, ids[index]!);
      else refused.set(ids[index]!, { status, reason: body.reason });
    });
  }
  return { acknowledged, refused };
}

/** What holds for every cause: nothing acknowledged is lost, nothing refused is stored, and it goes on by itself. */
async function expectRecovery(url: string, reason: string, breakDisk: () => void, mendDisk: () => void) {
  expect((await postCall(url, "first")).status).toBe(200);
  breakDisk();
  const before = await postUntilRefused(url);
  for (const refusal of before.refused.values()) expect(refusal).toEqual({ status: 503, reason });
  expect(await ready(url)).toEqual({ status: 503, reason });
  expect((await history(url)).size).toBe(before.acknowledged.size + 1);
  mendDisk();
  await expect.poll(() => ready(url), { timeout: 120_000 }).toEqual({ status: 200 });
  expect((await postCall(url, "after")).status).toBe(200);
  const stored = await history(url);
  for (const [cursor, id] of before.acknowledged) expect(stored.get(cursor)).toBe(id);
  const ids = [...stored.values()];
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toContain("after");
  for (const id of before.refused.keys()) expect(ids).not.toContain(id);
}

/** In a mount namespace of its own, so that only the gateway sees the small disk. */
const smallDisk = ["unshare", "--map-root-user", "--mount"];

describe.runIf(works(smallDisk[0]!, [...smallDisk.slice(1), "mount", "-t", "tmpfs", "tmpfs", tmpdir()]))(
  "a full disk",
  () => {
    it("turns readiness off, acknowledges nothing that is not stored, and is over once there is space", async () => {
      const mount = 'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"';
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
      () => limitFileSize("1000000"),
      () => limitFileSize("unlimited"),
    );
  });
});
