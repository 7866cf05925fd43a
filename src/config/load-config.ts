/** Flags over environment over file over defaults: read, checked and frozen once, at start. */
import { isIPv4 } from "node:net";
import { closest } from "fastest-levenshtein";
import type { z } from "zod";
import {
  addressesOf,
  credentialsOf,
  masksOf,
  quotasOf,
  type Reading,
  sourceAuthOf,
  tlsOf,
  tokensOf,
} from "./access.ts";
import { type Config, ConfigError, type SourceConfig } from "./config.ts";
import { knownKeys } from "./known-keys.ts";
import { type ListenAddress, listenAddress } from "./listen-address.ts";
import { type FileConfig, fileSchema, limitsOf, sessionTimesOf } from "./schema.ts";
import { type Environment, exposedFolder, exposedSecrets, weakKeys } from "./secrets.ts";
import { isTree, printYaml, readYaml, type Tree } from "./yaml-file.ts";

export { type Config, ConfigError } from "./config.ts";

export interface ConfigFlags {
  listen?: string | undefined;
  dataDir?: string | undefined;
  /** The YAML file. */
  config?: string | undefined;
  allowAnonymous?: boolean | undefined;
  logLevel?: string | undefined;
}

/** Variables with the key of the file that each stands for. */
const variables: Record<string, string[] | undefined> = {
  CALLWIRE_LISTEN: ["listen"],
  CALLWIRE_DATA_DIR: ["data_dir"],
  CALLWIRE_LOG_LEVEL: ["log", "level"],
  CALLWIRE_LOG_FORMAT: ["log", "format"],
  CALLWIRE_CONFIG: undefined,
  CALLWIRE_ALLOW_ANONYMOUS: undefined,
  // Settings of the command line's clients.
  CALLWIRE_GATEWAY: undefined,
  CALLWIRE_API_KEY: undefined,
};

/** A value that stands where a mapping is to be stays, so that it is found to be wrong. */
function set(tree: Tree, [key, ...rest]: string[], value: unknown): Tree {
  if (rest.length === 0) return { ...tree, [key!]: value };
  const inner = tree[key!] === undefined ? {} : tree[key!];
  return isTree(inner) ? { ...tree, [key!]: set(inner, rest, value) } : tree;
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
  return [`${path === "" ? "configuration" : path}: ${descriptionOf(issue)}`];
}

const kinds: Readonly<Record<string, string>> = { array: "a list", object: "a mapping of keys", string: "a text" };

/** The checker's words where there are no better ones. */
function descriptionOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type": {
      const kind = kinds[issue.expected] ?? `a ${issue.expected}`;
      if (issue.message.endsWith("received undefined")) return `missing; give ${kind}`;
      return /received (?:number|boolean)$/.test(issue.message) && issue.expected === "string"
        ? "YAML does not take this for a text; put it in quotes"
        : `not ${kind}`;
    }
    case "invalid_value":
      return `not one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "too_small":
      return issue.origin === "array" ? "give at least one" : issue.message;
    default:
      return issue.message;
  }
}

function parse(tree: Tree): FileConfig {
  const parsed = fileSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.flatMap(problemOf));
}

function listenOf(text: string, problems: string[]): ListenAddress {
  const address = listenAddress(text);
  if (address !== undefined) return address;
  problems.push(`listen: ${JSON.stringify(text)} is not HOST:PORT, for example 127.0.0.1:7450`);
  return { host: "127.0.0.1", port: 0 };
}

export function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

function repeated(ids: readonly string[], path: string): string[] {
  const again = new Set(ids.filter((id, index) => ids.indexOf(id) < index));
  return [...again].map((id) => `${path}: ${JSON.stringify(id)} occurs twice`);
}

function tenantsOf(file: FileConfig, reading: Reading): Config["tenants"] {
  const { problems } = reading;
  problems.push(
    ...repeated(
      file.tenants.map(({ id }) => id),
      "tenants",
    ),
  );
  return file.tenants.map(({ id, sources, sessions, quotas }, tenantIndex) => {
    problems.push(
      ...repeated(
        sources.map((source) => source.id),
        `tenants.${tenantIndex}.sources`,
      ),
    );
    const configured = sources.map((source, index): SourceConfig => {
      const path = `tenants.${tenantIndex}.sources.${index}`;
      return {
        id: source.id,
        auth: sourceAuthOf(source.auth, `${path}.auth`, reading),
        allowAddresses:
          source.allow_addresses && addressesOf(source.allow_addresses, `${path}.allow_addresses`, problems),
        onQuarantine: source.on_quarantine,
      };
    });
    return {
      id,
      sources: configured,
      sessionTimes: sessionTimesOf(file.sessions, sessions),
      quotas: quotasOf(quotas),
    };
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

function anonymousByEnvironment({ CALLWIRE_ALLOW_ANONYMOUS: text = "" }: Environment, problems: string[]): boolean {
  if (!["", "0", "1", "false", "true"].includes(text)) {
    problems.push(`environment: CALLWIRE_ALLOW_ANONYMOUS is ${JSON.stringify(text)}, neither true nor false`);
  }
  return text === "true" || text === "1";
}

/** The file's keys with every default and what the environment says, as YAML. It holds no secret, as the file holds none. */
export function effectiveConfig({ flags, env }: { flags: ConfigFlags; env: Environment }): string {
  return printYaml(parse(layered(flags, env)));
}

/** What stands open to other machines. */
function reachableBy(host: string, hasCredentials: boolean, tenants: Config["tenants"]): string[] {
  if (!hasCredentials) {
    return [
      `listen: ${host} can be reached from other machines and no credentials are configured; listen on 127.0.0.1, or give --allow-anonymous`,
    ];
  }
  return tenants.flatMap(({ id, sources }) =>
    sources
      .filter(({ auth }) => auth === undefined)
      .map(
        (source) =>
          `listen: ${host} can be reached from other machines and the source ${id}/${source.id} has no auth; give it one, or --allow-anonymous`,
      ),
  );
}

/** @throws ConfigError with every problem found */
export function loadConfig({ flags, env }: { flags: ConfigFlags; env: Environment }): Config {
  const file = parse(layered(flags, env));
  const problems: string[] = [];
  const secretVariables = new Set<string>();
  const path = flags.config ?? env.CALLWIRE_CONFIG;
  const files = new Set(path === undefined ? [] : [path]);
  const reading: Reading = { env, problems, secretVariables, files, secretFiles: new Set() };
  const tenants = tenantsOf(file, reading);
  const credentials = credentialsOf(file, reading);
  const tokens = tokensOf(file, reading);
  problems.push(
    ...repeated(
      [...credentials, ...tokens].map(({ id }) => id),
      "credentials",
    ),
  );
  const listen = listenOf(file.listen, problems);
  const allowAnonymous = flags.allowAnonymous ?? anonymousByEnvironment(env, problems);
  if (!allowAnonymous && !isLoopback(listen.host)) {
    problems.push(...reachableBy(listen.host, credentials.length + tokens.length > 0, tenants));
  }
  const config: Config = {
    listen,
    dataDir: file.data_dir,
    tenants,
    credentials,
    tokens,
    masks: masksOf(file, reading),
    tls: tlsOf(file, reading),
    trustedProxies: addressesOf(file.trusted_proxies, "trusted_proxies", problems),
    audit: file.audit,
    limits: limitsOf(file.limits),
    cors: { allowedOrigins: file.cors.allowed_origins },
    retentionMs: file.journal.retention?.max_age,
    log: file.log,
    files: [...files],
    warnings: [...exposedSecrets(reading.secretFiles), ...exposedFolder(file.data_dir), ...weakKeys(credentials)],
    allowAnonymous,
  };
  problems.push(...checkVariables(env, secretVariables));
  if (problems.length > 0) throw new ConfigError(problems);
  return freeze(config);
}
