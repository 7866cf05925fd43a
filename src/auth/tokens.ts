/** JSON Web Tokens: verified against the issuer's keys, their claims bounded by what the issuer is configured to allow. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import { type MaskConfig, type Permission, readFilter, type TokenIssuer } from "../config/access.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import { bothForced, compileForced, makePolicy } from "./make-policy.ts";
import type { Policy } from "./policy.ts";

/** Verified tokens that are remembered. */
const maxRemembered = 10_000;
const maxTokenBytes = 16 * 1024;
/** A token is verified again after this long, and so are those of open streams: its issuer may have withdrawn the key. */
const verifiedForMs = 30_000;
/** The issuer's keys are fetched again after this long, and sooner for a key that is not known. */
const keysKeptMs = 300_000;
const fetchTimeoutMs = 5_000;
const fetchCooldownMs = 10_000;

/** Why a token was not taken: for the operator's audit log only. */
export class TokenRefused extends Error {
  override name = "TokenRefused";
}

interface Issuer {
  config: TokenIssuer;
  keys: JWTVerifyGetKey;
  /** Equal while the issuer is configured in the same way, with the same keys where they are in a file. */
  fingerprint: string;
}

function issuerOf(config: TokenIssuer, masks: Readonly<Record<string, MaskConfig>>): Issuer {
  const { keys, text } = keysOf(config);
  const facts = JSON.stringify([config, masks, text]);
  return { config, keys, fingerprint: createHash("sha256").update(facts).digest("base64url") };
}

function keysOf({ id, jwks }: TokenIssuer): { keys: JWTVerifyGetKey; text: string } {
  if ("url" in jwks) {
    const times = { timeoutDuration: fetchTimeoutMs, cooldownDuration: fetchCooldownMs, cacheMaxAge: keysKeptMs };
    return { keys: createRemoteJWKSet(new URL(jwks.url), times), text: "" };
  }
  try {
    const text = readFileSync(jwks.file, "utf8");
    return { keys: createLocalJWKSet(JSON.parse(text) as JSONWebKeySet), text };
  } catch (cause) {
    throw new Error(`tokens.${id}.jwks: ${jwks.file} cannot be read as a JSON Web Key Set`, { cause });
  }
}

/** Whether the issuer did not answer, or with something else than its keys: nothing that a token's sender can bring about. */
function isUnreachable(error: unknown): boolean {
  const { code } = error as { code?: string };
  return (
    code === errors.JWKSTimeout.code || code === errors.JOSEError.code || (error as Error).message === "fetch failed"
  );
}

/** A claim that is a list of texts, or texts separated by spaces. */
function listOf(claim: unknown, name: string): string[] | undefined {
  if (claim === undefined) return undefined;
  const list = typeof claim === "string" ? claim.split(/\s+/).filter((word) => word !== "") : claim;
  if (Array.isArray(list) && list.every((item) => typeof item === "string")) return list as string[];
  throw new TokenRefused(`the claim ${name} is neither a list of texts nor a text`);
}

/** A verified token. */
interface Verified {
  policy: Policy;
  token: string;
  issuer: string;
  verifiedMs: number;
}

/** An issuer that cannot be asked ends nothing: what was verified before is good until its own end. */
export class Tokens {
  readonly #issuers: readonly Issuer[];
  readonly #masks: Readonly<Record<string, MaskConfig>>;
  readonly #verified = new Map<string, Verified>();
  readonly #given: WeakMap<Policy, Verified>;
  /** Policies whose tokens were refused when they were verified again. */
  readonly #ended = new WeakSet<Policy>();

  /**
   * @param before what is replaced: tokens of issuers that have not changed stay verified
   * @throws Error when a key set cannot be read, or a forced filter cannot be
   */
  constructor(issuers: readonly TokenIssuer[], masks: Readonly<Record<string, MaskConfig>>, before?: Tokens) {
    const known = before === undefined ? [] : before.#issuers;
    this.#issuers = issuers.map((config) => {
      const issuer = issuerOf(config, masks);
      return known.find(({ fingerprint }) => fingerprint === issuer.fingerprint) ?? issuer;
    });
    this.#masks = masks;
    this.#given = before === undefined ? new WeakMap() : before.#given;
  }

  get isEmpty(): boolean {
    return this.#issuers.length === 0;
  }

  /** What has become of a policy that was given for a token. Begins to verify the token again where it is time. */
  standing(policy: Policy, nowMs: number): "same" | "changed" | "ended" {
    const given = this.#given.get(policy);
    if (given === undefined || !this.#issuers.some(({ fingerprint }) => fingerprint === given.issuer)) return "changed";
    if (this.#ended.has(policy)) return "ended";
    if (nowMs - given.verifiedMs >= verifiedForMs) void this.#verifyAgain(given, nowMs);
    return "same";
  }

  async #verifyAgain(given: Verified, nowMs: number): Promise<void> {
    given.verifiedMs = nowMs;
    try {
      await this.#verify(given.token, nowMs);
    } catch (error) {
      if (error instanceof TokenRefused) this.#ended.add(given.policy);
    }
  }

  /** @throws TokenRefused saying why, or CallwireError ISSUER_UNREACHABLE */
  async verify(token: string, nowMs: number): Promise<Policy> {
    const known = this.#verified.get(token);
    if (known !== undefined && known.policy.expiresMs! > nowMs && nowMs - known.verifiedMs < verifiedForMs) {
      return known.policy;
    }
    const { policy: made, issuer } = await this.#verify(token, nowMs).catch((error: unknown) => {
      if (known === undefined || known.policy.expiresMs! <= nowMs || error instanceof TokenRefused) throw error;
      return known;
    });
    // The same object while it allows the same, so that what is kept for a policy serves again.
    const policy = known?.policy.fingerprint === made.fingerprint ? known.policy : made;
    const verified = { policy, token, issuer, verifiedMs: nowMs };
    this.#given.set(policy, verified);
    this.#verified.delete(token);
    this.#verified.set(token, verified);
    if (this.#verified.size > maxRemembered) this.#verified.delete(this.#verified.keys().next().value!);
    return policy;
  }

  async #verify(token: string, nowMs: number): Promise<{ policy: Policy; issuer: string }> {
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
      if ((payload.iat ?? 0) * 1000 > nowMs + issuer.config.clockSkewMs) {
        throw new TokenRefused("the token says that it was issued in the future");
      }
      return { policy: this.#policyOf(issuer.config, payload), issuer: issuer.fingerprint };
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      if (isUnreachable(error)) {
        throw new CallwireError("ISSUER_UNREACHABLE", "the keys of the token's issuer cannot be fetched", {
          cause: error,
        });
      }
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
    return makePolicy({ credential, kind: "token", expiresMs }, grant, this.#masks);
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
