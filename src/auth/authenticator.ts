/**
 * Who is calling. API keys, tokens and client certificates are accepted side by side; a caller that presents one of them is
 * judged by it alone. Every failure is the same UNAUTHENTICATED to the caller; what was wrong goes to the audit log.
 */
import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { type PeerCertificate, TLSSocket } from "node:tls";
import type { CredentialConfig, MaskConfig, TokenIssuer } from "../config/access.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import { ApiKeys } from "./api-keys.ts";
import { alternativeNames, normalName } from "./certificate-names.ts";
import type { ControlStore } from "./control-store.ts";
import { anonymous, compileForced, makePolicy } from "./make-policy.ts";
import type { Policy } from "./policy.ts";
import { TokenRefused, Tokens } from "./tokens.ts";

/** The part of the configuration that says who may do what. */
export interface AccessConfig {
  credentials: readonly CredentialConfig[];
  tokens: readonly TokenIssuer[];
  masks: Readonly<Record<string, MaskConfig>>;
  /** Equal while the authorities of client certificates, and what they have revoked, are the same. */
  clientAuthority?: string | undefined;
}

/** The failure that a caller sees, with what only the operator is to know. */
export class Unauthenticated extends CallwireError {
  /** For the audit log. */
  readonly why: string;

  constructor(why: string, cause?: unknown) {
    super("UNAUTHENTICATED", "the credential is missing, wrong or over", { cause });
    this.why = why;
  }
}

/** What is configured, ready to be asked. */
class Configured {
  readonly isEmpty: boolean;
  readonly tokens: Tokens;
  readonly masks: AccessConfig["masks"];
  /** Keyed hashes, so that looking a key up tells nothing by its duration. */
  readonly #byKey = new Map<string, Policy>();
  readonly #byId = new Map<string, Policy>();
  readonly #certificates: { wanted: NonNullable<CredentialConfig["certificate"]>; policy: Policy }[] = [];
  readonly #hashKey = createSecretKey(randomBytes(32));
  readonly clientAuthority: string;

  constructor({ credentials, tokens, masks, clientAuthority = "" }: AccessConfig, before?: Tokens) {
    this.clientAuthority = clientAuthority;
    this.isEmpty = credentials.length + tokens.length === 0;
    this.tokens = new Tokens(tokens, masks, before);
    this.masks = masks;
    for (const config of credentials) this.#add(config);
  }

  #add(config: CredentialConfig): void {
    const { id: credential, expiresMs, filters, apiKeys, certificate } = config;
    const kind = apiKeys.length > 0 ? "api_key" : "certificate";
    const grant = { ...config, forced: compileForced(filters) };
    const policy = makePolicy({ credential, kind, expiresMs }, grant, this.masks);
    this.#byId.set(credential, policy);
    for (const key of apiKeys) this.#byKey.set(this.#hash(key), policy);
    if (certificate !== undefined) this.#certificates.push({ wanted: certificate, policy });
  }

  #hash(key: string): string {
    return createHmac("sha256", this.#hashKey).update(key).digest("base64");
  }

  byKey(key: string): Policy | undefined {
    return this.#byKey.get(this.#hash(key));
  }

  byId(id: string): Policy | undefined {
    return this.#byId.get(id);
  }

  byCertificate({ subject, subjectaltname = "" }: PeerCertificate): Policy | undefined {
    const names = alternativeNames(subjectaltname);
    return this.#certificates.find(({ wanted }) =>
      "san" in wanted ? names.includes(normalName(wanted.san)) : subject.CN === wanted.commonName,
    )?.policy;
  }
}

/** What a request shows of its sender. */
export interface Caller {
  headers: IncomingHttpHeaders;
  socket: Socket | undefined;
}

function presentedKey({ authorization, "x-api-key": apiKey }: IncomingHttpHeaders): string | undefined {
  if (typeof apiKey === "string" && apiKey !== "") return apiKey;
  if (authorization === undefined) return undefined;
  const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new Unauthenticated("authorization is not of the form Bearer KEY");
  return token;
}

export class Authenticator {
  readonly keys: ApiKeys;
  #configured: Configured;
  readonly #now: () => number;
  /** What a connection showed, and to which authorities, when it was first asked. */
  readonly #connections = new WeakMap<TLSSocket, { authority: string; certificate: PeerCertificate }>();
  readonly #bounded = new WeakMap<Policy, WeakMap<TLSSocket, Policy>>();

  /** @throws Error naming the key of the configuration that cannot be used */
  constructor(config: AccessConfig, store: ControlStore, now: () => number = Date.now) {
    this.#configured = new Configured(config);
    this.#now = now;
    this.keys = new ApiKeys(store, () => this.#configured.masks);
  }

  /** Puts a changed configuration in place. @throws as the constructor; then nothing has changed */
  replace(config: AccessConfig): void {
    const configured = new Configured(config, this.#configured.tokens);
    this.#configured = configured;
    this.keys.forgetPolicies();
  }

  /** Whether callers need no credential. */
  get isAnonymous(): boolean {
    return this.#configured.isEmpty && this.keys.isEmpty;
  }

  get masks(): AccessConfig["masks"] {
    return this.#configured.masks;
  }

  /** Decides at once where it can, so that a busy path needs no promise. @throws Unauthenticated */
  authenticate({ headers, socket }: Caller): Policy | Promise<Policy> {
    if (this.isAnonymous) return anonymous;
    const key = presentedKey(headers);
    if (key !== undefined) return this.#byKeyOrToken(key);
    if (socket instanceof TLSSocket && socket.authorized) return this.#byCertificate(socket);
    throw new Unauthenticated("no credential was sent");
  }

  #byCertificate(socket: TLSSocket): Policy {
    const { clientAuthority } = this.#configured;
    const first = this.#connections.get(socket) ?? {
      authority: clientAuthority,
      certificate: socket.getPeerCertificate(),
    };
    this.#connections.set(socket, first);
    if (first.authority !== clientAuthority) {
      throw new Unauthenticated("the authorities of certificates have changed since the client connected");
    }
    const policy = this.#configured.byCertificate(first.certificate);
    if (policy === undefined) throw new Unauthenticated("no credential names the client's certificate");
    let bounded = this.#bounded.get(policy)?.get(socket);
    if (bounded === undefined) {
      bounded = withinCertificate(policy, first.certificate, clientAuthority);
      const ofPolicy = this.#bounded.get(policy) ?? new WeakMap<TLSSocket, Policy>();
      this.#bounded.set(policy, ofPolicy.set(socket, bounded));
    }
    return this.#unexpired(bounded);
  }

  #byKeyOrToken(key: string): Policy | Promise<Policy> {
    const policy = this.#configured.byKey(key) ?? this.keys.find(key, this.#now());
    if (policy !== undefined) return this.#unexpired(policy);
    if (key.split(".").length !== 3 || this.#configured.tokens.isEmpty) throw new Unauthenticated("no such API key");
    return this.#byToken(key);
  }

  async #byToken(token: string): Promise<Policy> {
    try {
      return await this.#configured.tokens.verify(token, this.#now());
    } catch (error) {
      if (error instanceof TokenRefused) throw new Unauthenticated(`token refused: ${error.message}`, error);
      throw error;
    }
  }

  #unexpired(policy: Policy): Policy {
    if ((policy.expiresMs ?? Number.POSITIVE_INFINITY) > this.#now()) return policy;
    throw new Unauthenticated(`the credential ${policy.credential} has expired`);
  }

  /** What has become of a policy that was given. */
  standing(policy: Policy): "same" | "changed" | "ended" {
    if ((policy.expiresMs ?? Number.POSITIVE_INFINITY) <= this.#now()) return "ended";
    if (policy.kind === "anonymous") return this.isAnonymous ? "same" : "ended";
    if (policy.kind === "token") return this.#configured.tokens.standing(policy, this.#now());
    if (policy.authority !== undefined && policy.authority !== this.#configured.clientAuthority) return "changed";
    const current = this.#configured.byId(policy.credential) ?? this.keys.refresh(policy, this.#now());
    if (current === undefined) return "ended";
    return current.fingerprint === policy.fingerprint ? "same" : "changed";
  }
}

/** A certificate ends with its own last moment, also on connections that were made before. */
function withinCertificate(policy: Policy, { valid_to }: PeerCertificate, authority: string): Policy {
  const ends = Date.parse(valid_to);
  const endsMs = Number.isNaN(ends) ? 0 : ends;
  return { ...policy, authority, expiresMs: Math.min(policy.expiresMs ?? endsMs, endsMs) };
}
