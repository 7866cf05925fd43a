/**
 * `npm run audit`: asks the registry for known weaknesses of what the gateway and the TypeScript client run on, by each lock file.
 * Fails for one of the level `high` or above. A registry that cannot be asked is said plainly and fails nothing: that tells
 * nothing about the packages.
 */
import { spawnSync } from "node:child_process";

const folders = [".", "sdk/typescript"];

interface Report {
  metadata?: { vulnerabilities: Record<string, number> };
  message?: string;
}

function ask(folder: string): Report {
  const args = ["audit", "--omit=dev", "--audit-level=high", "--package-lock-only", "--json"];
  const { stdout, stderr, error } = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    return { message: error?.message ?? stderr.trim().split("\n").at(-1) ?? "no answer" };
  }
}

let isBad = false;
for (const folder of folders) {
  const { metadata, message } = ask(folder);
  const lock = `${folder === "." ? "" : `${folder}/`}package-lock.json`;
  if (metadata === undefined) {
    console.log(`!! NOT AUDITED: ${lock}: the registry could not be asked: ${message}`);
    continue;
  }
  const { high = 0, critical = 0, total = 0 } = metadata.vulnerabilities;
  isBad ||= high + critical > 0;
  console.log(`${lock}: ${total} known weaknesses, ${high + critical} of them high or critical`);
}
process.exit(isBad ? 1 : 0);
