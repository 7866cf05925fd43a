/** `POST /webhooks/{tenant}/{source}`: the source's JSON in, an answer once it is durable. */
import type { BlockList } from "node:net";
import type { AuditLog } from "../auth/audit-log.ts";
import { connectionOf } from "../auth/gate.ts";
import type { HeldBodies, HeldBody } from "../auth/held-bodies.ts";
import { heldBack, type Quotas } from "../auth/quotas.ts";
import type { HmacAuth } from "../config/access.ts";
import type { SourceConfig, TenantConfig } from "../config/config.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Reason } from "../errors/catalogue.ts";
import type { Deadlines } from "../http2/deadlines.ts";
import type { GatewayLog, ItemOutcome } from "../log/gateway-log.ts";
import { addressList, includes, senderOf } from "./addresses.ts";
import { type HttpResponse, sendError, sendJson } from "./http-error.ts";
import { type Body, discardRest, type HttpRequest, readBody } from "./request-body.ts";
import { checkSignature, provesByHeader } from "./source-auth.ts";

export interface WebhookDeps {
  log: GatewayLog;
  limits: Limits;
  audit: AuditLog;
  quotas: Quotas;
  bodies: HeldBodies;
  arrivals: Deadlines;
  countOutcomes(tenant: string, source: string, outcomes: readonly ItemOutcome[]): void;
}

/** The part of the configuration that webhooks follow. */
export interface WebhookConfig {
  tenants: readonly TenantConfig[];
  trustedProxies: readonly string[];
}

interface Target {
  tenant: string;
  source: SourceConfig;
  /** Set when the body has to prove the sender. */
  signature: HmacAuth | undefined;
}

function addressOf(request: HttpRequest): string {
  return connectionOf(request).remoteAddress ?? "";
}

export const webhookPath = /^\/webhooks\/([^/?]+)\/([^/?]+)\/?(?:\?.*)?$/;

const jsonContentType = /^application\/(?:[\w.+-]+\+)?json *(?:; *charset *= *"?utf-?8"? *)?;?$/i;
/** Longer ones are no content type; and what is matched is bounded, since the sender is unknown. */
const maxContentTypeLength = 128;

/** What is configured of webhooks, ready to be asked; put in place as a whole when it changes. */
class Sources {
  readonly #tenants: ReadonlyMap<string, ReadonlyMap<string, Source>>;
  /** Then a path that does not exist answers as a wrong secret does, so that nobody can find out which exist. */
  readonly hidesPaths: boolean;
  readonly #trusted: BlockList;

  constructor({ tenants, trustedProxies }: WebhookConfig) {
    this.hidesPaths = tenants.some(({ sources }) => sources.some(({ auth }) => auth !== undefined));
    this.#trusted = addressList(trustedProxies);
    this.#tenants = new Map(
      tenants.map(({ id, sources }) => [id, new Map(sources.map((config) => [config.id, sourceOf(config)]))]),
    );
  }

  find(tenant: string, source: string): Source | undefined {
    return this.#tenants.get(tenant)?.get(source);
  }

  has(tenant: string): boolean {
    return this.#tenants.has(tenant);
  }

  /** Whether the sender may post to the source at all. */
  allows({ allowed }: Source, request: HttpRequest): boolean {
    if (allowed === undefined) return true;
    const forwarded = request.headers["x-forwarded-for"];
    const list = Array.isArray(forwarded) ? forwarded.join(",") : forwarded;
    return includes(allowed, senderOf(connectionOf(request).remoteAddress ?? "", list, this.#trusted));
  }
}

interface Source {
  config: SourceConfig;
  allowed: BlockList | undefined;
}

function sourceOf(config: SourceConfig): Source {
  return { config, allowed: config.allowAddresses && addressList(config.allowAddresses) };
}

const wrongCredential = "the credential of this source is missing or wrong";

function headersFor(error: CallwireError, request: HttpRequest, isAnonymous: boolean): Record<string, string> {
  switch (error.reason) {
    case "UNAUTHENTICATED":
      return { "www-authenticate": 'Basic realm="callwire", charset="UTF-8"' };
    case "METHOD_NOT_ALLOWED":
      return { allow: isAnonymous ? "POST" : "POST, PUT" };
    case "REQUEST_TIMEOUT":
      return request.httpVersionMajor < 2 ? { connection: "close" } : {};
    default:
      return {};
  }
}

export class WebhookHandler {
  readonly #deps: WebhookDeps;
  #sources: Sources;

  constructor(deps: WebhookDeps, config: WebhookConfig) {
    this.#deps = deps;
    this.#sources = new Sources(config);
  }

  /** Puts changed authentication in place. */
  replace(config: WebhookConfig): void {
    this.#sources = new Sources(config);
  }

  /** Serves a request whose path is that of a webhook. */
  handle(request: HttpRequest, response: HttpResponse, tenant: string, source: string): void {
    this.#serve(request, response, tenant, source).catch(async (given: unknown) => {
      const error = await heldBack(given);
      const known = error instanceof CallwireError ? error : undefined;
      const failure = known ?? new CallwireError("INTERNAL", "the webhook failed", { cause: error });
      const isAnonymous = this.#sources.find(tenant, source)?.config.auth === undefined;
      sendError(response, failure, headersFor(failure, request, isAnonymous));
      if (!request.complete) discardRest(request, this.#deps.limits.requestTimeoutMs);
    });
  }

  async #serve(request: HttpRequest, response: HttpResponse, tenant: string, source: string): Promise<void> {
    const target = this.#target(request, tenant, source);
    this.#checkMethod(request, target.source);
    const { bodies, arrivals, limits } = this.#deps;
    const held = bodies.open();
    try {
      const body = await readBody(request, limits, held, arrivals);
      if (body === undefined) return;
      const outcomes = await this.#outcomes(request, target, body, held);
      this.#answer(response, target.source, outcomes);
    } finally {
      held.release();
    }
  }

  #target(request: HttpRequest, tenantId: string, sourceId: string): Target {
    const source = this.#sources.find(tenantId, sourceId);
    if (source !== undefined && this.#sources.allows(source, request)) {
      const { auth } = source.config;
      const byHeader = auth === undefined || provesByHeader(request.headers, auth);
      if (byHeader) return { tenant: tenantId, source: source.config, signature: undefined };
      if (auth.hmac !== undefined) return { tenant: tenantId, source: source.config, signature: auth.hmac };
    }
    if (source !== undefined || this.#sources.hidesPaths) {
      const error = new CallwireError("UNAUTHENTICATED", wrongCredential);
      this.#deps.audit.denied(`/webhooks/${tenantId}/${sourceId}`, addressOf(request), error);
      throw error;
    }
    if (!this.#sources.has(tenantId))
      throw new CallwireError("UNKNOWN_TENANT", `no tenant ${JSON.stringify(tenantId.slice(0, 64))}`);
    const message = `tenant ${tenantId} has no source ${JSON.stringify(sourceId.slice(0, 64))}`;
    throw new CallwireError("UNKNOWN_SOURCE", message);
  }

  async #outcomes(
    request: HttpRequest,
    target: Target,
    { raw, content }: Body,
    held: HeldBody,
  ): Promise<readonly ItemOutcome[]> {
    const { tenant, source, signature } = target;
    const name = signature && this.#checkSignature(request, target, signature, raw);
    // Only now: nobody but the source itself uses up its tenant's quota.
    this.#deps.quotas.admitWebhook(tenant, raw.length);
    const submitted = this.#submit(target, await content(), name);
    held.release();
    const outcomes = await submitted;
    this.#deps.quotas.broughtByWebhook(tenant, outcomes.length);
    this.#deps.countOutcomes(tenant, source.id, outcomes);
    return outcomes;
  }

  #checkSignature(request: HttpRequest, { tenant, source }: Target, hmac: HmacAuth, raw: Buffer): string | undefined {
    try {
      return checkSignature(request.headers, hmac, raw, Date.now());
    } catch (error) {
      const target = `/webhooks/${tenant}/${source.id}`;
      if (error instanceof CallwireError) this.#deps.audit.denied(target, addressOf(request), error);
      throw error;
    }
  }

  /** A source with a credential takes what an unknown sender may send; an anonymous one nothing that a web page can. */
  #checkMethod(request: HttpRequest, source: SourceConfig): void {
    const isAnonymous = source.auth === undefined;
    if (request.method !== "POST" && (isAnonymous || request.method !== "PUT")) {
      const allowed = isAnonymous ? "POST" : "POST or PUT";
      throw new CallwireError("METHOD_NOT_ALLOWED", `${request.method} is not allowed here; use ${allowed}`);
    }
    const contentType = String(request.headers["content-type"] ?? "").trim();
    const isJson = contentType.length <= maxContentTypeLength && jsonContentType.test(contentType);
    if (isAnonymous && !isJson) {
      const message = `content-type ${JSON.stringify(contentType.slice(0, 64))} is not JSON in UTF-8`;
      throw new CallwireError("UNSUPPORTED_MEDIA_TYPE", message);
    }
  }

  /** Under overload the request is held once before it is refused. */
  async #submit({ tenant, source }: Target, body: Buffer, name: string | undefined): Promise<readonly ItemOutcome[]> {
    const { log, limits } = this.#deps;
    try {
      return await log.submitBody(tenant, source.id, body, name);
    } catch (error) {
      if (!(error instanceof CallwireError) || error.reason !== "OVERLOADED") throw error;
      if (!(await log.whenUnderPressureEnds(limits.webhookHoldMs))) throw error;
      return await log.submitBody(tenant, source.id, body, name);
    }
  }

  #answer(response: HttpResponse, source: SourceConfig, outcomes: readonly ItemOutcome[]): void {
    const answer = summary(outcomes);
    const [first] = answer.rejections;
    if (answer.rejected === outcomes.length && first !== undefined && source.onQuarantine === "refuse") {
      const { rejections } = answer;
      return sendError(response, new CallwireError(first.reason, first.message), {}, [{ rejections }]);
    }
    sendJson(response, 200, answer);
  }
}

/** What became of the events of a webhook. */
interface Summary {
  accepted: number;
  duplicates: number;
  rejected: number;
  cursors: string[];
  rejections: { index: number; reason: Reason; message: string }[];
}

function summary(outcomes: readonly ItemOutcome[]): Summary {
  const sum: Summary = { accepted: 0, duplicates: 0, rejected: 0, cursors: [], rejections: [] };
  outcomes.forEach((outcome, index) => {
    if (outcome.status === "rejected") {
      sum.rejected++;
      sum.rejections.push({ index, reason: outcome.reason, message: outcome.message });
      return;
    }
    sum[outcome.status === "accepted" ? "accepted" : "duplicates"]++;
    sum.cursors.push(outcome.cursor);
  });
  return sum;
}
