/** Who may do what, as the program uses it: secrets read, references checked. */
import { isIP } from "node:net";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { closest } from "fastest-levenshtein";
import { type Filter, FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import type { FileConfig, SecretReference } from "./schema.ts";
import { type Environment, readSecret } from "./secrets.ts";

export type Permission = FileConfig["credentials"][number]["permissions"][number];

/** Per second, of one credential or tenant; undefined means without bound. */
export interface Quotas {
  maxStreams: number | undefined;
  publishEventsPerSecond: number | undefined;
  publishBytesPerSecond: number | undefined;
  replayBytesPerSecond: number | undefined;
  webhookRequestsPerSecond: number | undefined;
}

export const noQuotas: Quotas = {
  maxStreams: undefined,
  publishEventsPerSecond: undefined,
  publishBytesPerSecond: undefined,
  replayBytesPerSecond: undefined,
  webhookRequestsPerSecond: undefined,
};

/** What a caller may see and do, however it proved who it is. */
export interface Grant {
  tenants: readonly string[];
  /** The tenant of a request that names none, when there are several. */
  defaultTenant: string | undefined;
  permissions: readonly Permission[];
  /** Alternatives; undefined: everything. */
  filters: readonly Filter[] | undefined;
  view: "basic" | "full";
  /** A key of `masks`. */
  mask: string | undefined;
  /** Sees also what is withheld while a party of the call is redacted. */
  privileged: boolean;
  quotas: Quotas;
}

export interface CredentialConfig extends Grant {
  id: string;
  apiKeys: readonly string[];
  certificate: { commonName: string } | { san: string } | undefined;
  expiresMs: number | undefined;
}

export interface TokenIssuer extends Grant {
  id: string;
  issuer: string;
  audience: string;
  jwks: { file: string } | { url: string };
  algorithms: readonly string[];
  clockSkewMs: number;
  claims: FileConfig["tokens"][number]["claims"];
}

export type MaskAction = FileConfig["masks"][string]["personal"];

export interface MaskConfig {
  personal: MaskAction;
  sensitive: MaskAction;
  fields: Readonly<Record<string, MaskAction>>;
  hashKey: string | undefined;
}

export interface TlsConfig {
  certificate: string;
  key: string;
  clientCa: string | undefined;
  clientCrl: string | undefined;
  clientCertificates: "optional" | "required";
  minVersion: "1.2" | "1.3";
}

export type HmacAuth =
  | { scheme: "standard-webhooks"; secrets: readonly string[]; toleranceMs: number }
  | {
      scheme: "custom";
      secrets: readonly string[];
      toleranceMs: number;
      header: string;
      algorithm: "sha256" | "sha512" | "sha1";
      encoding: "hex" | "base64";
      prefix: string;
      timestampHeader: string | undefined;
      signed: string;
    };

/** Alternatives: a request that satisfies one of them is the source's. */
export interface SourceAuth {
  basic: { username: string; passwords: readonly string[] } | undefined;
  bearer: { tokens: readonly string[] } | undefined;
  hmac: HmacAuth | undefined;
}

export interface AuditConfig {
  /** JSON lines are appended to it; undefined: `audit.jsonl` in the data folder. */
  file?: string | undefined;
  /** Also what each stream was sent. */
  receipts: boolean;
}

/** What reading this part needs, and where problems and the names of secret variables go. */
export interface Reading {
  env: Environment;
  problems: string[];
  secretVariables: Set<string>;
  files: Set<string>;
  secretFiles: Set<string>;
}

type Secrets = SecretReference | SecretReference[];

function readSecrets(
  given: Secrets,
  path: string,
  { env, problems, secretVariables, files, secretFiles }: Reading,
): string[] {
  const references = Array.isArray(given) ? given : [given];
  return references.map((reference, index) => {
    if ("env" in reference) secretVariables.add(reference.env);
    else {
      files.add(reference.file);
      secretFiles.add(reference.file);
    }
    return readSecret(reference, references.length > 1 ? `${path}.${index}` : path, env, problems);
  });
}

export function quotasOf(given: FileConfig["credentials"][number]["quotas"]): Quotas {
  return {
    maxStreams: given?.max_streams,
    publishEventsPerSecond: given?.publish_events_per_second,
    publishBytesPerSecond: given?.publish_bytes_per_second,
    replayBytesPerSecond: given?.replay_bytes_per_second,
    webhookRequestsPerSecond: given?.webhook_requests_per_second,
  };
}

/** A filter as the contract writes it, in YAML. Also for filters that a token claims. @throws Error naming what is wrong */
export function readFilter(given: unknown): Filter {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new Error("a filter is a mapping");
  const known = FilterSchema.fields.flatMap((field) => [field.name, field.jsonName]);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new Error(
      `unknown field ${JSON.stringify(unknown)}; did you mean ${JSON.stringify(closest(unknown, known))}?`,
    );
  }
  const values = Object.values(given);
  if (values.length === 0 || values.some((value) => Array.isArray(value) && value.length === 0)) {
    throw new Error("it needs a condition, and each condition a value");
  }
  return fromJson(FilterSchema, given as JsonValue);
}

function filtersOf(given: unknown, path: string, problems: string[]): Filter[] | undefined {
  if (given === undefined) return undefined;
  return (Array.isArray(given) ? given : [given]).flatMap((filter) => {
    try {
      return [readFilter(filter)];
    } catch (error) {
      problems.push(`${path}.filter: ${(error as Error).message}`);
      return [];
    }
  });
}

interface GivenGrant {
  tenants?: string[] | undefined;
  default_tenant?: string | undefined;
  permissions: Permission[];
  filter?: unknown;
  view: "basic" | "full";
  mask?: string | undefined;
  privileged?: boolean | undefined;
  quotas?: FileConfig["credentials"][number]["quotas"];
}

function grantOf(file: FileConfig, given: GivenGrant, path: string, problems: string[]): Grant {
  const all = file.tenants.map(({ id }) => id);
  const tenants = given.tenants ?? all;
  if (given.tenants === undefined && all.length > 1) {
    problems.push(`${path}.tenants: several tenants are configured; name those that are meant`);
  }
  for (const tenant of tenants) {
    if (!all.includes(tenant)) problems.push(`${path}.tenants: no tenant ${JSON.stringify(tenant)} is configured`);
  }
  if (given.default_tenant !== undefined && !tenants.includes(given.default_tenant)) {
    problems.push(`${path}.default_tenant: ${JSON.stringify(given.default_tenant)} is none of its tenants`);
  }
  if (given.mask !== undefined && file.masks[given.mask] === undefined) {
    problems.push(`${path}.mask: no mask ${JSON.stringify(given.mask)} is configured`);
  }
  return {
    tenants,
    defaultTenant: given.default_tenant,
    permissions: given.permissions,
    filters: filtersOf(given.filter, path, problems),
    view: given.view,
    mask: given.mask,
    privileged: given.privileged ?? false,
    quotas: quotasOf(given.quotas),
  };
}

/** A caller is one credential: what two of them are recognised by cannot tell which is meant. */
function ambiguities(credentials: readonly CredentialConfig[]): string[] {
  const seen = new Map<string, string>();
  return credentials.flatMap(({ id, apiKeys, certificate }) => {
    const marks = apiKeys.filter((key) => key !== "").map((key) => `api_key ${key}`);
    if (certificate !== undefined) marks.push(`certificate ${JSON.stringify(certificate)}`);
    return [...new Set(marks)].flatMap((mark) => {
      const other = seen.get(mark);
      seen.set(mark, id);
      return other === undefined ? [] : [`credentials: ${other} and ${id} have the same ${mark.split(" ")[0]}`];
    });
  });
}

export function credentialsOf(file: FileConfig, reading: Reading): CredentialConfig[] {
  const credentials = file.credentials.map((given, index): CredentialConfig => {
    const path = `credentials.${index}`;
    const { problems } = reading;
    if (given.api_key === undefined && given.certificate === undefined) {
      problems.push(`${path}: give an api_key or a certificate`);
    }
    if (given.certificate !== undefined && file.tls?.client_ca === undefined) {
      problems.push(`${path}.certificate: client certificates need tls.client_ca`);
    }
    const { certificate } = given;
    return {
      id: given.id,
      apiKeys: given.api_key === undefined ? [] : readSecrets(given.api_key, `${path}.api_key`, reading),
      certificate:
        certificate === undefined || "san" in certificate ? certificate : { commonName: certificate.common_name },
      expiresMs: given.expires === undefined ? undefined : Date.parse(given.expires),
      ...grantOf(file, given, path, problems),
    };
  });
  reading.problems.push(...ambiguities(credentials));
  return credentials;
}

export function tokensOf(file: FileConfig, { problems, files }: Reading): TokenIssuer[] {
  return file.tokens.map(({ id, issuer, audience, jwks, algorithms, clock_skew, claims, ...given }, index) => {
    const grant = grantOf(file, given, `tokens.${index}`, problems);
    if ("file" in jwks) files.add(jwks.file);
    return { id, issuer, audience, jwks, algorithms, clockSkewMs: clock_skew, claims, ...grant };
  });
}

export function masksOf(file: FileConfig, reading: Reading): Record<string, MaskConfig> {
  return Object.fromEntries(
    Object.entries(file.masks).map(([name, { personal, sensitive, fields, hash_key }]) => {
      const hashKey = hash_key === undefined ? undefined : readSecrets(hash_key, `masks.${name}.hash_key`, reading)[0];
      return [name, { personal, sensitive, fields, hashKey }];
    }),
  );
}

export function tlsOf({ tls }: FileConfig, { files, secretFiles }: Reading): TlsConfig | undefined {
  if (tls === undefined) return undefined;
  secretFiles.add(tls.key);
  for (const path of [tls.certificate, tls.key, tls.client_ca, tls.client_crl]) if (path !== undefined) files.add(path);
  return {
    certificate: tls.certificate,
    key: tls.key,
    clientCa: tls.client_ca,
    clientCrl: tls.client_crl,
    clientCertificates: tls.client_certificates,
    minVersion: tls.min_version,
  };
}

type GivenSourceAuth = NonNullable<FileConfig["tenants"][number]["sources"][number]["auth"]>;

function hmacOf(given: GivenSourceAuth["hmac"], path: string, reading: Reading): HmacAuth | undefined {
  if (given === undefined) return undefined;
  const secrets = readSecrets(given.secret, `${path}.hmac.secret`, reading);
  if (given.scheme === "standard-webhooks") {
    secrets.forEach((secret) => {
      if (secret !== "" && Buffer.from(secret.replace(/^whsec_/, ""), "base64").length < 24) {
        reading.problems.push(
          `${path}.hmac.secret: a Standard Webhooks secret is whsec_ and at least 24 bytes in base64`,
        );
      }
    });
    return { scheme: given.scheme, secrets, toleranceMs: given.tolerance };
  }
  const timestampHeader = given.timestamp_header;
  const signed = given.signed ?? (timestampHeader === undefined ? "{body}" : "{timestamp}.{body}");
  if (signed.includes("{timestamp}") !== (timestampHeader !== undefined)) {
    reading.problems.push(`${path}.hmac: timestamp_header and {timestamp} in signed need each other`);
  }
  const { scheme, header, algorithm, encoding, prefix, tolerance } = given;
  return { scheme, secrets, toleranceMs: tolerance, header, algorithm, encoding, prefix, timestampHeader, signed };
}

export function sourceAuthOf(
  given: GivenSourceAuth | undefined,
  path: string,
  reading: Reading,
): SourceAuth | undefined {
  if (given === undefined) return undefined;
  const { basic, bearer, hmac } = given;
  if (basic === undefined && bearer === undefined && hmac === undefined) {
    reading.problems.push(`${path}: give basic, bearer or hmac`);
  }
  return {
    basic:
      basic === undefined
        ? undefined
        : { username: basic.username, passwords: readSecrets(basic.password, `${path}.basic.password`, reading) },
    bearer: bearer === undefined ? undefined : { tokens: readSecrets(bearer.token, `${path}.bearer.token`, reading) },
    hmac: hmacOf(hmac, path, reading),
  };
}

/** Addresses and ranges as they were given, checked. */
export function addressesOf(given: readonly string[], path: string, problems: string[]): readonly string[] {
  for (const text of given) {
    const [address, prefix] = text.split("/") as [string, string | undefined];
    const bits = isIP(address) === 6 ? 128 : 32;
    const isRange = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
    if (isIP(address) === 0 || !isRange) {
      problems.push(`${path}: ${JSON.stringify(text)} is no address and no range such as 10.0.0.0/8`);
    }
  }
  return given;
}
