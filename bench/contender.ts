/** The servers that are compared. Each starts on an empty data folder, listening on a free port of the loopback. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerProcess } from "./server-process.ts";
import type { Tool } from "./toolchain.ts";

/** How the load clients speak to a server. */
export type Protocol = "grpc" | "nats" | "jetstream" | "redis" | "etcd";

export interface Running {
  process: ServerProcess;
  protocol: Protocol;
  /** `HOST:PORT`. */
  address: string;
  /** What the load clients show, in turn. */
  apiKeys?: readonly string[];
}

export interface Contender {
  name: string;
  needs?: Tool;
  start(folder: string): Promise<Running>;
}

/** Runs a server on a folder of its own for as long as `use` takes. */
export async function withServer<R>(contender: Contender, use: (server: Running) => Promise<R>): Promise<R> {
  const folder = newFolder();
  try {
    const server = await contender.start(folder);
    try {
      return await use(server);
    } finally {
      await server.process.stop();
    }
  } finally {
    removeFolder(folder);
  }
}

const folders = new Set<string>();
process.on("exit", () => {
  for (const folder of folders) removeFolder(folder);
});

/** Removed when the process ends at the latest. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "callwire-bench-"));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder: string): void {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
