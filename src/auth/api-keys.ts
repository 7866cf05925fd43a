/**
 * API keys that are made while the gateway runs. A key has 256 random bits, so a keyed hash of it is enough to keep; its
 * beginning `cwk_` can be found by scanners for secrets that were published by mistake.
 */
import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type Filter, FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { type MaskConfig, noQuotas, type Permission, type Quotas } from "../config/access.ts";
import { CallwireError, invalidField } from "../errors/callwire-error.ts";
import type { ControlStore, StoredKey } from "./control-store.ts";
import { compileForced, makePolicy } from "./make-policy.ts";
import type { Policy } from "./policy.ts";

const pattern = /^cwk_([0-9a-z]{12})_[0-9A-Za-z_-]{43}$/;
const maxKeys = 10_000;

/** What a new key is to allow. */
export interface KeyRequest {
  name: string;
  tenants: readonly string[];
  permissions: readonly string[];
  filters: readonly Filter[];
  view: "basic" | "full";
  mask: string;
  privileged: boolean;
  quotas: Quotas;
  expiresMs: number | undefined;
}

function newId(): string {
  return BigInt(`0x${randomBytes(9).toString("hex")}`)
    .toString(36)
    .padStart(14, "0")
    .slice(-12);
}

export class ApiKeys {
  readonly #store: ControlStore;
  /** Made once: each use of a key's bytes takes ten times as long as the hash. */
  readonly #hashKey: KeyObject;
  readonly #masks: () => Readonly<Record<string, MaskConfig>>;
  readonly #policies = new Map<string, Policy>();
  #byId: ReadonlyMap<string, StoredKey>;
  /** Uses that the store does not know yet: noting one is not worth a write, nor may a full disk keep a caller out. */
  readonly #used = new Map<string, number>();

  /** @param masks those configured now */
  constructor(store: ControlStore, masks: () => Readonly<Record<string, MaskConfig>>) {
    this.#store = store;
    this.#hashKey = createSecretKey(store.secret);
    this.#masks = masks;
    this.#byId = byId(store.keys);
  }

  /** Whether none was ever made. Revoking the last one opens the gateway to nobody. */
  get isEmpty(): boolean {
    return this.#store.keys.length === 0;
  }

  list(): readonly StoredKey[] {
    return this.#store.keys.map((stored) => this.#withUse(stored));
  }

  #withUse(stored: StoredKey): StoredKey {
    const lastUsedMs = this.#used.get(stored.id);
    return lastUsedMs === undefined ? stored : { ...stored, lastUsedMs };
  }

  /** Stores when keys were last used. To be called now and then. @throws Error when it cannot be stored */
  noteUses(): void {
    if (this.#used.size > 0) this.#save(this.#store.keys);
  }

  #save(keys: readonly StoredKey[]): void {
    this.#store.save(keys.map((stored) => this.#withUse(stored)));
    this.#used.clear();
    this.#byId = byId(this.#store.keys);
  }

  #hash(key: string): Buffer {
    return createHmac("sha256", this.#hashKey).update(key).digest();
  }

  #isKeyOf({ hash }: StoredKey, key: string): boolean {
    const kept = Buffer.from(hash, "hex");
    const given = this.#hash(key);
    return kept.length === given.length && timingSafeEqual(kept, given);
  }

  /** The policy of a key; undefined when there is none, or it is over. */
  find(key: string, nowMs: number): Policy | undefined {
    const id = pattern.exec(key)?.[1];
    const stored = id === undefined ? undefined : this.#byId.get(id);
    if (stored === undefined || !this.#isKeyOf(stored, key)) return undefined;
    const policy = this.#current(stored, nowMs);
    if (policy !== undefined) this.#used.set(stored.id, nowMs);
    return policy;
  }

  /** What the key behind a policy allows by now. */
  refresh({ credential }: Policy, nowMs: number): Policy | undefined {
    const stored = this.#byId.get(credential);
    return stored === undefined ? undefined : this.#current(stored, nowMs);
  }

  #current(stored: StoredKey, nowMs: number): Policy | undefined {
    if (stored.revokedMs !== undefined || (stored.expiresMs ?? Number.POSITIVE_INFINITY) <= nowMs) return undefined;
    // A mask that is configured no more would show everything.
    if (stored.mask !== undefined && this.#masks()[stored.mask] === undefined) return undefined;
    let policy = this.#policies.get(stored.id);
    if (policy === undefined) {
      policy = this.#policyOf(stored);
      this.#policies.set(stored.id, policy);
    }
    return policy;
  }

  #policyOf({ id, tenants, permissions, filters, view, mask, privileged, quotas, expiresMs }: StoredKey): Policy {
    const forced = compileForced(filters.map((filter) => fromJson(FilterSchema, filter as JsonValue)));
    const bounds = { ...noQuotas, ...quotas };
    const grant = { tenants, defaultTenant: undefined, permissions, forced, view, mask, privileged, quotas: bounds };
    return makePolicy({ credential: id, kind: "api_key", expiresMs }, grant, this.#masks());
  }

  /** The masks were changed. */
  forgetPolicies(): void {
    this.#policies.clear();
  }

  /** @throws CallwireError INVALID_FIELD */
  create(request: KeyRequest, nowMs: number): { stored: StoredKey; key: string } {
    this.#check(request, nowMs);
    const id = newId();
    const key = `cwk_${id}_${randomBytes(32).toString("base64url")}`;
    const { name, tenants, permissions, filters, view, mask, privileged, quotas, expiresMs } = request;
    compileForced(filters);
    const stored: StoredKey = {
      id,
      name,
      hash: this.#hash(key).toString("hex"),
      tenants: [...tenants],
      permissions: [...new Set(permissions)] as Permission[],
      filters: filters.map((filter) => toJson(FilterSchema, filter)),
      view,
      ...(mask === "" ? {} : { mask }),
      privileged,
      quotas: Object.fromEntries(Object.entries(quotas).filter(([, bound]) => bound !== undefined)),
      createdMs: nowMs,
      ...(expiresMs === undefined ? {} : { expiresMs }),
    };
    this.#save([...this.#store.keys, stored]);
    return { stored, key };
  }

  #check({ name, tenants, permissions, mask, expiresMs }: KeyRequest, nowMs: number): void {
    if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) {
      throw invalidField("key.name", "1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit");
    }
    if (tenants.length === 0) throw invalidField("key.tenants", "at least one");
    const known: readonly string[] = ["subscribe", "publish", "observe", "admin"] satisfies Permission[];
    const unknown = permissions.find((permission) => !known.includes(permission));
    if (unknown !== undefined || permissions.length === 0) {
      throw invalidField("key.permissions", `at least one of ${known.join(", ")}`);
    }
    if (mask !== "" && this.#masks()[mask] === undefined) {
      throw invalidField("key.mask", `no mask ${JSON.stringify(mask.slice(0, 64))} is configured`);
    }
    if (expiresMs !== undefined && expiresMs <= nowMs) throw invalidField("key.expire_time", "is over already");
    if (this.#store.keys.length >= maxKeys) throw invalidField("key", `there are ${maxKeys} keys already`);
  }

  /** @throws CallwireError UNKNOWN_API_KEY */
  revoke(id: string, nowMs: number): StoredKey {
    const stored = this.#byId.get(id);
    if (stored === undefined) {
      throw new CallwireError("UNKNOWN_API_KEY", `no API key has the id ${JSON.stringify(id.slice(0, 32))}`);
    }
    const revoked = { ...stored, revokedMs: stored.revokedMs ?? nowMs };
    this.#save(this.#store.keys.map((known) => (known.id === id ? revoked : known)));
    return this.#byId.get(id)!;
  }
}

function byId(keys: readonly StoredKey[]): Map<string, StoredKey> {
  return new Map(keys.map((stored) => [stored.id, stored]));
}
