// Installs the packages that package-lock.json names when they are missing or older than the lock file, so that every
// npm script works on a fresh clone. Plain JavaScript: it runs on whatever Node the system has, before Node 24 is there.
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const lock = "package-lock.json";
const installed = "node_modules/.callwire-lock.json";

const current =
  existsSync(installed) && existsSync("node_modules/.bin/node") && readFileSync(installed).equals(readFileSync(lock));
if (!current) {
  process.stderr.write("callwire: installing packages (once)...\n");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { stdio: ["ignore", 2, 2] });
  if (npm.status !== 0) {
    process.stderr.write("callwire: `npm ci` failed; see above.\n");
    process.exit(1);
  }
  copyFileSync(lock, installed);
  await compileOnce();
}

/**
 * Starts the gateway once and stops it, so that Node keeps its compiled code: the first start of a user is then as fast and as
 * small as the later ones. Nothing depends on it.
 */
async function compileOnce() {
  const folder = mkdtempSync(join(tmpdir(), "callwire-compile-"));
  const env = {
    ...process.env,
    PATH: `${resolve("node_modules/.bin")}:${process.env.PATH}`,
    CALLWIRE_LOG_FORMAT: "json",
  };
  const args = ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder];
  const gateway = spawn("bin/callwire.js", args, { env, stdio: ["ignore", "ignore", "pipe"], timeout: 30_000 });
  gateway.stderr.on("data", (text) => {
    if (String(text).includes('"ready"')) gateway.kill();
  });
  await new Promise((done) => gateway.on("error", done).on("close", done));
  rmSync(folder, { recursive: true, force: true });
}
