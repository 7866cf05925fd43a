/** What the benchmarks need beside Node: Go for the load clients and most peers, redis-server and etcd for a peer each. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export const benchPeer = path("cache/bench-peer");
export const natsServer = path("cache/nats-server");

export type Tool = "go" | "redis-server" | "etcd";

/** Why each missing tool is missing. */
export type MissingTools = Partial<Record<Tool, string>>;

/** Builds what is to be built, and says what cannot be used. */
export function prepareTools(): MissingTools {
  const missing: MissingTools = {};
  const setup = spawnSync(path("peers/setup.sh"), { stdio: ["ignore", 2, "pipe"], encoding: "utf8" });
  if (setup.status !== 0)
    missing.go = `bench/peers/setup.sh failed: ${setup.stderr.trim().split("\n").at(-1) || setup.error}`;
  else if (setup.stderr !== "") process.stderr.write(setup.stderr);
  const redis = spawnSync("redis-server", ["--version"]);
  if (redis.status !== 0)
    missing["redis-server"] = "redis-server is not on the PATH (Debian: apt install redis-server)";
  const etcd = spawnSync("etcd", ["--version"]);
  if (etcd.status !== 0) missing.etcd = "etcd is not on the PATH (Debian: apt install etcd-server)";
  return missing;
}
