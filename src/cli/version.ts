/** `callwire version`: which Callwire and which Node run here. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { print } from "./output.ts";

/** The version in package.json. */
export function packageVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function versionLine(): string {
  return `callwire ${packageVersion()} (Node ${process.versions.node})`;
}

export function addVersion(program: Command): void {
  program
    .version(versionLine(), "--version", "print the version")
    .command("version")
    .description("print the version")
    .option("--json", "print one JSON object")
    .action(({ json }: { json?: boolean }) => {
      const facts = { version: packageVersion(), node: process.versions.node };
      return print(json ? `${JSON.stringify(facts)}\n` : `${versionLine()}\n`);
    });
}
