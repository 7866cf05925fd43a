// Installs the packages that package-lock.json names when they are missing or older than the lock file, so that every
// npm script works on a fresh clone. Plain JavaScript: it runs on whatever Node the system has, before Node 24 is there.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";

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
}
