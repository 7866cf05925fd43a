/** Follows a page as its reader would: saves its files, types its commands, and looks whether it is told the truth. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Block, blocksOf } from "./blocks.ts";
import type { Ground } from "./ground.ts";
import { type Language, languages } from "./pages.ts";
import { shown } from "./printed.ts";
import { type } from "./shell.ts";

export interface Followed {
  files: number;
  commands: number;
  notRun: number;
}

/** The folders of the SDKs' pages, in which a page of several languages has its programs. */
export type LanguageFolders = ReadonlyMap<Language, string>;

/** @throws Error that names the page's line, when anything does not work as shown */
export async function followPage(
  root: string,
  path: string,
  ground: Ground,
  elsewhere: LanguageFolders = new Map(),
): Promise<Followed> {
  const blocks = blocksOf(readFileSync(join(root, path), "utf8"));
  const followed = { files: 0, commands: 0, notRun: 0 };
  for (const [index, block] of blocks.entries()) {
    try {
      const next = blocks[index + 1];
      await followBlock(block, next?.language === "text" && next.notRun === undefined ? next : undefined);
    } catch (error) {
      throw new Error(`${path}:${block.line}: ${(error as Error).message}`);
    }
  }
  return followed;

  async function followBlock(block: Block, output: Block | undefined): Promise<void> {
    if (block.notRun !== undefined) {
      followed.notRun++;
      return;
    }
    if (block.language === "text") return;
    const { folder, env } = ground;
    const expected = output && shown(await ground.addressed(output.text));
    if (block.language === "sh") {
      followed.commands++;
      return type(await ground.addressed(block.text), { folder, env }, expected);
    }
    if (block.file === undefined)
      throw new Error("neither a command, an output, nor a file: name it in its first line");
    followed.files++;
    const language = languages.find(({ fence }) => fence === block.language);
    const elsewhereFolder = language && elsewhere.get(language.language);
    const home = elsewhereFolder ?? folder;
    const file = join(home, block.file);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${await ground.addressed(block.text)}\n`);
    if (elsewhereFolder === undefined || language === undefined) return;
    followed.commands++;
    await type(language.run(block.file), { folder: home, env }, expected);
  }
}
