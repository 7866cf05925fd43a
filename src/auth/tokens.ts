/** JSON Web Tokens: verified against the issuer's keys, their claims bounded by what the issuer is configured to allow. */
import { readFileSync } from "node:fs";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import { type MaskConfig, type Permission, readFilter, type TokenIssuer } from "../config/access.ts";
import { bothForced, compileForced, makePolicy } from "./make-policy.ts";
import type { Policy } from "./policy.ts";

/** Verified tokens that are remembered until they end. */
const maxRemembered = 10_000;
const maxTokenBytes = 16 * 1024;

/** Why a token was not taken: for the operator's log only. */
export class TokenRefused extends Error {
  override name = "TokenRefused";
}

interface Issuer {
  config: TokenIssuer;
  keys: JWTVerifyGetKey;
}

function keysOf({ id, jwks }: TokenIssuer): JWTVerifyGetKey {
  if ("url" in jwks) return createRemoteJWKSet(new URL(jwks.url), { timeoutDuration: 5_000, cooldownDuration: 30_000 });
  try {
    return createLocalJWKSet(JSON.parse(readFileSync(jwks.file, "utf8")) as JSONWebKeySet);
  } catch (cause) {
    throw new Error(`tokens.${id}.jwks: ${jwks.file} cannot be read as a JSON Web Key Set`, { cause });
  }
}

/** A claim that is a list of texts, or texts separated by spaces. */
function listOf(claim: unknown, name: string): string[] | undefined {
  if (claim === undefined) return undefined;
  const list = typeof claim === "string" ? claim.split(/\s+/).filter((word) => word !== "") : claim;
  if (Array.isArray(list) && list.every((item) => typeof item === "string")) return list as string[];
  throw new TokenRefused(`the claim ${name} is neither a list of texts nor a text`);
}

export class Tokens {
  readonly #issuers: readonly Issuer[];
  readonly #masks: Readonly<Record<string, MaskConfig>>;
  readonly #verified = new Map<string, Policy>();
  readonly #given = new WeakSet<Policy>();

  /** @throws Error when a key set cannot be read, or a forced filter cannot be */
  constructor(issuers: readonly TokenIssuer[], masks: Readonly<Record<string, MaskConfig>>) {
    this.#issuers = issuers.map((config) => ({ config, keys: keysOf(config) }));
    this.#masks = masks;
  }

  get isEmpty(): boolean {
    return this.#issuers.length === 0;
  }

  /** Whether a policy was made here: after a change of the configuration tokens are verified anew. */
  stillAllows(policy: Policy): boolean {
    return this.#given.has(policy);
  }

  /** @throws TokenRefused saying why */
  async verify(token: string, nowMs: number): Promise<Policy> {
    const known = this.#verified.get(token);
    if (known !== undefined && known.expiresMs! > nowMs) return known;
    const policy = await this.#verify(token, nowMs);
    this.#verified.delete(token);
    this.#verified.set(token, policy);
    if (this.#verified.size > maxRemembered) this.#verified.delete(this.#verified.keys().next().value!);
    return policy;
  }

  async #verify(token: string, nowMs: number): Promise<Policy> {
    if (token.length > maxTokenBytes) throw new TokenRefused(`the token is longer than ${maxTokenBytes} bytes`);
    try {
      const { iss } = decodeJwt(token);
      const issuer = this.#issuers.find(({ config }) => config.issuer === iss);
      if (issuer === undefined) throw new TokenRefused(`no issuer ${JSON.stringify(String(iss).slice(0, 256))}`);
      const { payload } = await jwtVerify(token, issuer.keys, {
        issuer: issuer.config.issuer,
        audience: issuer.config.audience,
        algorithms: [...issuer.config.algorithms],
        clockTolerance: issuer.config.clockSkewMs / 1000,
        requiredClaims: ["exp", "sub"],
        currentDate: new Date(nowMs),
      });
      return this.#policyOf(issuer.config, payload);
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      throw new TokenRefused((error as Error).message, { cause: error });
    }
  }

  #policyOf(config: TokenIssuer, payload: JWTPayload): Policy {
    const { claims } = config;
    const within = <T extends string>(allowed: readonly T[], claim: string): T[] => {
      const claimed = listOf(payload[claim], claim);
      return claimed === undefined ? [...allowed] : allowed.filter((item) => claimed.includes(item));
    };
    const tenants = within(config.tenants, claims.tenants);
    const permissions: Permission[] = within(config.permissions, claims.permissions);
    if (tenants.length === 0) throw new TokenRefused(`${claims.tenants} names no tenant that the issuer may`);
    const view = payload[claims.view] === "basic" ? "basic" : config.view;
    const mask = config.mask ?? this.#maskOf(payload[claims.mask], claims.mask);
    const forced = bothForced(this.#claimedFilter(payload[claims.filter]), compileForced(config.filters));
    const expiresMs = payload.exp! * 1000 + config.clockSkewMs;
    const credential = `${config.id}/${payload.sub}`;
    const { quotas, defaultTenant, privileged } = config;
    const grant = { tenants, defaultTenant, permissions, forced, view, mask, privileged, quotas } as const;
    const policy = makePolicy({ credential, kind: "token", expiresMs }, grant, this.#masks);
    this.#given.add(policy);
    return policy;
  }

  #maskOf(claim: unknown, name: string): string | undefined {
    if (claim === undefined) return undefined;
    if (typeof claim === "string" && this.#masks[claim] !== undefined) return claim;
    throw new TokenRefused(`${name} names no mask that is configured`);
  }

  #claimedFilter(claim: unknown) {
    if (claim === undefined) return undefined;
    try {
      return compileForced((Array.isArray(claim) ? claim : [claim]).map(readFilter));
    } catch (error) {
      throw new TokenRefused(`the claimed filter: ${(error as Error).message}`, { cause: error });
    }
  }
}
