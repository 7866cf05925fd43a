/** Secrets lie in the environment or in files. No message holds one. */
import { readFileSync, statSync } from "node:fs";
import type { SecretReference } from "./schema.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

function readSecretFile(file: string, path: string, problems: string[]): string | undefined {
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    problems.push(`${path}: ${file} cannot be read: ${(error as Error).message}`);
    return undefined;
  }
}

/** @param path the key that refers to the secret, for `problems` */
export function readSecret(reference: SecretReference, path: string, env: Environment, problems: string[]): string {
  const value = "env" in reference ? env[reference.env] : readSecretFile(reference.file, path, problems);
  if (value === undefined && "env" in reference) problems.push(`${path}: the environment has no ${reference.env}`);
  if (value === "") problems.push(`${path}: the secret is empty`);
  return value ?? "";
}

/** The data folder holds what people said and who may read it. */
export function exposedFolder(folder: string): string[] {
  const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o007) === 0
    ? []
    : [`the data folder ${folder} is open to everyone on this machine: chmod o= ${folder}`];
}

const strongKeyLength = 24;

/** Credentials with keys that could be guessed. */
export function weakKeys(credentials: readonly { id: string; apiKeys: readonly string[] }[]): string[] {
  return credentials
    .filter(({ apiKeys }) => apiKeys.some((key) => key.length < strongKeyLength))
    .map(
      ({ id }) =>
        `the API key of ${id} is shorter than ${strongKeyLength} characters: make one with \`openssl rand -hex 32\``,
    );
}

/** Those of these files that others than their owner may change, or anyone may read. */
export function exposedSecrets(files: Iterable<string>): string[] {
  return [...files].flatMap((file) => {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o002) !== 0)
      return [`${file} holds a secret and can be changed by everyone on this machine: chmod 600`];
    return (mode & 0o004) === 0
      ? []
      : [`${file} holds a secret and can be read by everyone on this machine: chmod 600`];
  });
}
