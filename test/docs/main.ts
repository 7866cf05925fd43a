/**
 * `npm run docs [-- docs/sdk-go.md ...]`: follows the pages as their readers would, each in a folder and with a gateway of its
 * own, and prints one table. Exit code 1 when a page is wrong.
 *
 * - A `sh` block is typed into a shell. `CALLWIRE` is the checkout; 127.0.0.1:7450 is the page's gateway.
 * - Another block whose first line is a comment with a file's name is saved in that file.
 * - A `text` block after them is what they print. `...` stands for anything, a last line `^C` for the reader's Ctrl-C.
 * - `<!-- not run: REASON -->` above a block leaves it out. Anything else is an error.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Followed, followPage } from "./follow-page.ts";
import { Ground } from "./ground.ts";
import { type Language, type Page, pages } from "./pages.ts";

const root = join(import.meta.dirname, "../..");

interface Outcome {
  page: string;
  followed?: Followed;
  problem?: string;
  tookMs: number;
}

function hasToolchain(language: Language): boolean {
  try {
    execFileSync(join(root, "scripts/has-toolchain.sh"), [language], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function chosenPages(): Page[] {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !pages.some(({ path }) => path === name));
  if (unknown !== undefined) throw new Error(`${unknown} is no page that is followed: see test/docs/pages.ts`);
  const all = names.length === 0 || names.includes("README.md");
  return pages.filter(({ path, language }) => {
    const isChosen = names.length === 0 || names.includes(path) || (all && language !== undefined);
    return isChosen && existsSync(join(root, path)) && (language === undefined || hasToolchain(language));
  });
}

/** The folders of SDK pages stay: the programs of README.md need what was installed there. */
const grounds: Ground[] = [];
const folders = new Map<Language, string>();

async function follow(page: Page): Promise<Outcome> {
  const startedMs = performance.now();
  const ground = await Ground.prepare(root, page);
  grounds.push(ground);
  const outcome: Outcome = { page: page.path, tookMs: 0 };
  try {
    if (page.after !== undefined) await followPage(root, page.after, ground);
    outcome.followed = await followPage(root, page.path, ground, page.ofAllLanguages && folders);
    if (page.language !== undefined) folders.set(page.language, ground.folder);
  } catch (error) {
    outcome.problem = (error as Error).message;
  }
  outcome.tookMs = performance.now() - startedMs;
  process.stderr.write(`${page.path}: ${outcome.problem === undefined ? "ok" : "FAILED"}\n`);
  return outcome;
}

function report(outcomes: readonly Outcome[]): boolean {
  const width = Math.max(...outcomes.map(({ page }) => page.length));
  const row = (page: string, ...cells: string[]): string =>
    [page.padEnd(width), ...cells.map((cell) => cell.padStart(8))].join("  ");
  const lines = outcomes.map(({ page, followed, tookMs }) => {
    const seconds = (tookMs / 1_000).toFixed(1);
    if (followed === undefined) return row(page, "-", "-", "-", seconds, "FAILED");
    const { files, commands, notRun } = followed;
    return row(page, String(files), String(commands), String(notRun), seconds, "ok");
  });
  const problems = outcomes.flatMap(({ problem }) => (problem === undefined ? [] : ["", problem]));
  process.stdout.write(
    `${[row("page", "files", "commands", "not run", "seconds", ""), ...lines, ...problems].join("\n")}\n`,
  );
  return problems.length === 0;
}

if (!existsSync(join(root, "node_modules/.callwire-lock.json"))) {
  throw new Error("start it by `npm run docs`, which installs what the commands of the pages would else install");
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
const chosen = chosenPages();
try {
  const ofSdks = await Promise.all(chosen.filter(({ language }) => language !== undefined).map(follow));
  const others: Outcome[] = [];
  for (const page of chosen.filter(({ language }) => language === undefined)) others.push(await follow(page));
  process.exitCode = report([...ofSdks, ...others]) ? 0 : 1;
} finally {
  await Promise.all(grounds.map((ground) => ground.dispose()));
}
