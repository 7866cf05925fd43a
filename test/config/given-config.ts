/** Shorthands of the tests of the configuration: a file's text in, the configuration or its problems out. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Config, ConfigError, type ConfigFlags, loadConfig } from "../../src/config/load-config.ts";

const folder = mkdtempSync(join(tmpdir(), "callwire-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file that lasts as long as the test file that asked for it. */
export function fileWith(text: string, name = "callwire.yaml"): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

export interface Given {
  env?: Record<string, string>;
  flags?: ConfigFlags;
}

export function configOf(yaml: string, { env = {}, flags = {} }: Given = {}): Config {
  return loadConfig({ flags: { config: fileWith(yaml), ...flags }, env });
}

/** What is wrong with a configuration, without the file's name. */
export function problemsOf(yaml: string, given: Given = {}): string[] {
  try {
    configOf(yaml, given);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => problem.replace(join(folder, "callwire.yaml"), "FILE"));
  }
  throw new Error("the configuration was accepted");
}

/** A configuration whose only source has this password. */
export function withPassword(password: string): string {
  return `tenants: [{id: a, sources: [{id: b, auth: {basic: {username: u, password: ${password}}}}]}]`;
}
