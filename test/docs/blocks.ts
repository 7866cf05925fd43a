/** The fenced blocks of a page: what a reader would type, save or see. */

export interface Block {
  language: string;
  text: string;
  /** Line of the page, from 1. */
  line: number;
  /** Why it is left alone: from `<!-- not run: REASON -->` above it. */
  notRun: string | undefined;
  /** The file to save it in: from a first line that is a comment with nothing but a file's name. */
  file: string | undefined;
}

const fence = /^```(\w*)\s*$/;
const exemption = /^<!-- not run: (.+) -->$/;
const fileComment = /^(?:\/\/|#|<!--) ([\w./-]+\.\w+)(?: -->)?$/;

/** @throws Error when a block does not end */
export function blocksOf(page: string): Block[] {
  const lines = page.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const language = fence.exec(lines[at]!)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    if (end === -1) throw new Error(`the block of line ${at + 1} does not end`);
    const above = lines.slice(0, at).findLast((line) => line !== "") ?? "";
    const text = lines.slice(at + 1, end).join("\n");
    const file = fileComment.exec(lines[at + 1]!)?.[1];
    blocks.push({ language, text, line: at + 1, notRun: exemption.exec(above)?.[1], file });
    at = end;
  }
  return blocks;
}
