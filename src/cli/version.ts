/** `callwire version`: which Callwire and which Node run here. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { print } from "./output.ts";

/** The version in package.json. */
export function packageVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

export function addVersion(program: Command): void {
  program
    .command("version")
    .description("print the version")
    .option("--json", "print one JSON object")
    .action(({ json }: { json?: boolean }) => {
      const version = packageVersion();
      const node = process.versions.node;
      return print(json ? `${JSON.stringify({ version, node })}\n` : `callwire ${version} (Node ${node})\n`);
    });
}
