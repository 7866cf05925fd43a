/** Follows a page as its reader would: saves its files, types its commands, and looks whether it is told the truth. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Block, blocksOf } from "./blocks.ts";
import type { Ground } from "./ground.ts";
import { type Language, languages } from "./pages.ts";
import { type Shown, shown } from "./printed.ts";
import { type } from "./shell.ts";

export interface Followed {
  files: number;
  commands: number;
  notRun: number;
}

/** The folders of the SDKs' pages that were followed. */
export type LanguageFolders = ReadonlyMap<Language, string>;

/**
 * @param programs where a page of all languages has its programs; those of another page stand in the page's own folder
 * @throws Error that names the page's line, when anything does not work as shown
 */
export async function followPage(
  root: string,
  path: string,
  ground: Ground,
  programs?: LanguageFolders,
): Promise<Followed> {
  const blocks = blocksOf(readFileSync(join(root, path), "utf8"));
  const followed = { files: 0, commands: 0, notRun: 0 };
  for (const [index, block] of blocks.entries()) {
    const next = blocks[index + 1];
    const output = next?.language === "text" && next.notRun === undefined ? next : undefined;
    try {
      const expected = output && shown(await ground.addressed(output.text));
      const kind = await followBlock(block, expected, ground, programs);
      if (kind !== "output") followed[kind]++;
    } catch (error) {
      throw new Error(`${path}:${block.line}: ${(error as Error).message}`);
    }
  }
  return followed;
}

/** What the block was. */
async function followBlock(
  block: Block,
  expected: Shown | undefined,
  ground: Ground,
  programs: LanguageFolders | undefined,
): Promise<keyof Followed | "output"> {
  if (block.notRun !== undefined) return "notRun";
  if (block.language === "text") return "output";
  const { folder, env } = ground;
  const text = await ground.addressed(block.text);
  if (block.language === "sh") {
    await type(text, { folder, env }, expected);
    return "commands";
  }
  if (block.file === undefined) throw new Error("neither a command, an output, nor a file that its first line names");
  const language = programs && languages.find(({ fence }) => fence === block.language);
  const home = language === undefined ? folder : programs?.get(language.language);
  if (home === undefined) return "notRun";
  const file = join(home, block.file);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${text}\n`);
  if (language !== undefined) await type(language.run(block.file), { folder: home, env }, expected);
  return "files";
}
