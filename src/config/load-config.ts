/** Flags over environment over file over defaults: read, checked and frozen once, at start. */
import { readFileSync } from "node:fs";
import { closest } from "fastest-levenshtein";
import { parseDocument } from "yaml";
import type { z } from "zod";
import { type Config, ConfigError, type SourceConfig } from "./config.ts";
import { knownKeys } from "./known-keys.ts";
import { type FileConfig, fileSchema, limitsOf, type SecretReference } from "./schema.ts";

export { type Config, ConfigError } from "./config.ts";

export interface ConfigFlags {
  listen?: string | undefined;
  dataDir?: string | undefined;
  /** The YAML file. */
  config?: string | undefined;
  allowAnonymous?: boolean | undefined;
  logLevel?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables with the key of the file that each stands for. */
const variables: Record<string, string[] | undefined> = {
  CALLWIRE_LISTEN: ["listen"],
  CALLWIRE_DATA_DIR: ["data_dir"],
  CALLWIRE_LOG_LEVEL: ["log", "level"],
  CALLWIRE_LOG_FORMAT: ["log", "format"],
  CALLWIRE_CONFIG: undefined,
  CALLWIRE_ALLOW_ANONYMOUS: undefined,
  // A setting of the command line's clients.
  CALLWIRE_GATEWAY: undefined,
};

type Tree = Record<string, unknown>;

function set(tree: Tree, [key, ...rest]: string[], value: unknown): Tree {
  if (rest.length === 0) return { ...tree, [key!]: value };
  const inner = tree[key!];
  return { ...tree, [key!]: set(typeof inner === "object" && inner !== null ? (inner as Tree) : {}, rest, value) };
}

function readYaml(path: string): Tree {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError([`${path} cannot be read: ${(error as Error).message}`]);
  }
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new ConfigError(document.errors.map((error) => `${path}: ${error.message}`));
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== "object" || Array.isArray(value)) throw new ConfigError([`${path} is not a mapping of keys`]);
  return value as Tree;
}

/** Variables that nobody reads are mistakes; those that a secret names are not. */
function checkVariables(env: Environment, secrets: ReadonlySet<string>): string[] {
  const known = Object.keys(variables);
  return Object.keys(env)
    .filter((name) => name.startsWith("CALLWIRE_") && !known.includes(name) && !secrets.has(name))
    .map((name) => `environment: ${name} is not known; did you mean ${closest(name, known)}?`);
}

function problemOf(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const full = path === "" ? key : `${path}.${key}`;
      return `${full}: unknown key; did you mean ${JSON.stringify(closest(key, knownKeys(issue.path)))}?`;
    });
  }
  return [`${path === "" ? "configuration" : path}: ${issue.message}`];
}

function parse(tree: Tree): FileConfig {
  const parsed = fileSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.flatMap(problemOf));
}

function listenOf(text: string, problems: string[]): Config["listen"] {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535) {
    problems.push(`listen: ${JSON.stringify(text)} is not HOST:PORT, for example 127.0.0.1:7450`);
    return { host: "127.0.0.1", port: 0 };
  }
  return { host: (match[1] ?? match[2])!, port: Number(match[3]) };
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function readSecret(reference: SecretReference, path: string, env: Environment, problems: string[]): string {
  const value = "env" in reference ? env[reference.env] : readSecretFile(reference.file, path, problems);
  if (value === undefined && "env" in reference) problems.push(`${path}: the environment has no ${reference.env}`);
  if (value === "") problems.push(`${path}: the secret is empty`);
  return value ?? "";
}

function readSecretFile(file: string, path: string, problems: string[]): string | undefined {
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    problems.push(`${path}: ${file} cannot be read: ${(error as Error).message}`);
    return undefined;
  }
}

function repeated(ids: readonly string[], path: string): string[] {
  return ids.filter((id, index) => ids.indexOf(id) < index).map((id) => `${path}: ${JSON.stringify(id)} occurs twice`);
}

function tenantsOf(file: FileConfig, env: Environment, problems: string[], secrets: Set<string>): Config["tenants"] {
  problems.push(
    ...repeated(
      file.tenants.map(({ id }) => id),
      "tenants",
    ),
  );
  return file.tenants.map(({ id, sources }, tenantIndex) => {
    problems.push(
      ...repeated(
        sources.map((source) => source.id),
        `tenants.${tenantIndex}.sources`,
      ),
    );
    const configured = sources.map((source, index): SourceConfig => {
      const onQuarantine = source.on_quarantine;
      if (source.auth === undefined) return { id: source.id, auth: undefined, onQuarantine };
      const { username, password } = source.auth.basic;
      if ("env" in password) secrets.add(password.env);
      const path = `tenants.${tenantIndex}.sources.${index}.auth.basic.password`;
      return {
        id: source.id,
        auth: { basic: { username, password: readSecret(password, path, env, problems) } },
        onQuarantine,
      };
    });
    return { id, sources: configured };
  });
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}

/** The file's keys with what environment and flags put in their place. */
function layered(flags: ConfigFlags, env: Environment): Tree {
  const path = flags.config ?? env.CALLWIRE_CONFIG;
  let tree = path === undefined ? {} : readYaml(path);
  for (const [name, key] of Object.entries(variables)) {
    if (key !== undefined && env[name] !== undefined) tree = set(tree, key, env[name]);
  }
  if (flags.listen !== undefined) tree = set(tree, ["listen"], flags.listen);
  if (flags.dataDir !== undefined) tree = set(tree, ["data_dir"], flags.dataDir);
  if (flags.logLevel !== undefined) tree = set(tree, ["log", "level"], flags.logLevel);
  return tree;
}

/** @throws ConfigError with every problem found */
export function loadConfig({ flags, env }: { flags: ConfigFlags; env: Environment }): Config {
  const file = parse(layered(flags, env));
  const problems: string[] = [];
  const secrets = new Set<string>();
  const tenants = tenantsOf(file, env, problems, secrets);
  const listen = listenOf(file.listen, problems);
  const allowAnonymous = flags.allowAnonymous ?? env.CALLWIRE_ALLOW_ANONYMOUS === "true";
  if (!allowAnonymous && !isLoopback(listen.host)) {
    problems.push(
      `listen: ${listen.host} can be reached from other machines and no credentials are configured; listen on 127.0.0.1, or give --allow-anonymous`,
    );
  }
  problems.push(...checkVariables(env, secrets));
  if (problems.length > 0) throw new ConfigError(problems);
  return freeze({
    listen,
    dataDir: file.data_dir,
    tenants,
    limits: limitsOf(file.limits),
    cors: { allowedOrigins: file.cors.allowed_origins },
    retentionMs: file.journal.retention?.max_age,
    log: file.log,
    allowAnonymous,
  });
}
