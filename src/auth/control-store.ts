/**
 * What the gateway itself has to remember of who may do what: the API keys that were made while it ran. It belongs to no
 * tenant's log. The embedded form is one file in the data folder, replaced as a whole.
 */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const storedKey = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** HMAC-SHA256 of the key under the store's own secret, hex. */
  hash: z.string(),
  tenants: z.array(z.string()),
  permissions: z.array(z.enum(["subscribe", "publish", "observe", "admin"])),
  /** ProtoJSON of each Filter. */
  filters: z.array(z.unknown()),
  view: z.enum(["basic", "full"]),
  mask: z.string().optional(),
  privileged: z.boolean(),
  quotas: z
    .strictObject({
      maxStreams: z.number().optional(),
      publishEventsPerSecond: z.number().optional(),
      publishBytesPerSecond: z.number().optional(),
      replayBytesPerSecond: z.number().optional(),
    })
    .default({}),
  createdMs: z.number(),
  expiresMs: z.number().optional(),
  lastUsedMs: z.number().optional(),
  revokedMs: z.number().optional(),
});

export type StoredKey = z.output<typeof storedKey>;

const file = z.strictObject({ version: z.literal(1), secret: z.base64(), keys: z.array(storedKey) });

export interface ControlStore {
  /** What keys are hashed with; never leaves the store's machine. */
  readonly secret: Uint8Array;
  /** In the order in which they were made. */
  readonly keys: readonly StoredKey[];
  /** Stores durably before it returns. @throws Error when it cannot; then nothing has changed */
  save(keys: readonly StoredKey[]): void;
}

/** What may be read by the gateway's own user alone. */
const ownerOnly = 0o600;

export class ControlFile implements ControlStore {
  readonly #path: string;
  readonly secret: Uint8Array;
  #keys: readonly StoredKey[];

  /** @throws Error naming the file when it is there and cannot be read or understood */
  constructor(dataDir: string) {
    this.#path = join(dataDir, "control.json");
    const { secret, keys } = this.#read();
    this.secret = secret;
    this.#keys = keys;
  }

  #read(): { secret: Uint8Array; keys: StoredKey[] } {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return { secret: randomBytes(32), keys: [] };
      throw new Error(`${this.#path} cannot be read: ${(error as Error).message}`);
    }
    try {
      const { secret, keys } = file.parse(JSON.parse(text));
      return { secret: Buffer.from(secret, "base64"), keys };
    } catch (cause) {
      throw new Error(`${this.#path} is damaged: restore it from a backup, or delete it to drop all API keys in it`, {
        cause,
      });
    }
  }

  get keys(): readonly StoredKey[] {
    return this.#keys;
  }

  save(keys: readonly StoredKey[]): void {
    const content = { version: 1, secret: Buffer.from(this.secret).toString("base64"), keys };
    const next = `${this.#path}.next`;
    const handle = openSync(next, "w", ownerOnly);
    try {
      writeSync(handle, `${JSON.stringify(content, null, 1)}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(next, this.#path);
    const folder = openSync(dirname(this.#path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    this.#keys = keys;
  }
}
