/** Where commands print. Data goes to stdout and waits for a slow reader; what is said about it goes to stderr. */
import { type DescMessage, type MessageShape, toJsonString } from "@bufbuild/protobuf";

/** The reader of stdout has gone (`| head`): the command ends quietly. */
export class OutputClosed extends Error {
  override name = "OutputClosed";
}

/** Writes to stdout and resolves once the text is with the operating system. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === undefined || error === null) resolve();
      else reject((error as NodeJS.ErrnoException).code === "EPIPE" ? new OutputClosed() : error);
    });
  });
}

/** One message as one line of canonical ProtoJSON. */
export function jsonLine<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): string {
  return `${toJsonString(schema, message)}\n`;
}

/** Says something about the work on stderr, clear of a status line that may stand there. */
export function say(text: string): void {
  statusLine.clear();
  process.stderr.write(`callwire: ${text}\n`);
}

/** A line at the bottom of a terminal that is written over. Does nothing where stderr is no terminal. */
export const statusLine = {
  shown: false,
  show(text: string): void {
    if (!process.stderr.isTTY) return;
    const width = process.stderr.columns || 80; // 0 where the terminal does not tell
    process.stderr.write(`\r\u001b[2K${text.slice(0, width - 1)}`);
    this.shown = true;
  },
  clear(): void {
    if (this.shown) process.stderr.write("\r\u001b[2K");
    this.shown = false;
  },
};

// Without a listener a closed stdout would end the process with a stack; `print` tells its caller instead.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});
