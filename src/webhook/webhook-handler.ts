/** `POST /webhooks/{tenant}/{source}`: the source's JSON in, an answer once it is durable. */
import { hash, timingSafeEqual } from "node:crypto";
import type { SourceConfig, TenantConfig } from "../config/config.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { GatewayLog, ItemOutcome } from "../log/gateway-log.ts";
import { type HttpResponse, sendError, sendJson } from "./http-error.ts";
import { type HttpRequest, readBody } from "./request-body.ts";

export interface WebhookDeps {
  log: GatewayLog;
  limits: Limits;
  tenants: readonly TenantConfig[];
  countOutcomes(tenant: string, source: string, outcomes: readonly ItemOutcome[]): void;
}

interface Target {
  tenant: string;
  source: SourceConfig;
}

export const webhookPath = /^\/webhooks\/([^/?]+)\/([^/?]+)\/?(?:\?.*)?$/;

const jsonContentType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?;?\s*$/i;

function equalInConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(hash("sha256", a, "buffer"), hash("sha256", b, "buffer"));
}

function hasCredential(request: HttpRequest, { auth }: SourceConfig): boolean {
  if (auth === undefined) return true;
  const header = String(request.headers.authorization ?? "");
  const given = /^basic (.*)$/i.exec(header)?.[1] ?? "";
  const { username, password } = auth.basic;
  return equalInConstantTime(Buffer.from(given, "base64").toString(), `${username}:${password}`);
}

export class WebhookHandler {
  readonly #deps: WebhookDeps;
  /** Then a path that does not exist answers as a wrong secret does, so that nobody can find out which exist. */
  readonly #hidesPaths: boolean;

  constructor(deps: WebhookDeps) {
    this.#deps = deps;
    this.#hidesPaths = deps.tenants.some(({ sources }) => sources.some(({ auth }) => auth !== undefined));
  }

  /** Serves a request whose path is that of a webhook. */
  handle(request: HttpRequest, response: HttpResponse, tenant: string, source: string): void {
    this.#serve(request, response, tenant, source).catch((error: unknown) => {
      const known = error instanceof CallwireError ? error : undefined;
      const failure = known ?? new CallwireError("INTERNAL", "the webhook failed", { cause: error });
      // What was not read of the body stands in the way of another request on this connection.
      const headers = this.#headersFor(failure, request);
      sendError(response, failure, headers);
      if (!request.complete) request.resume();
    });
  }

  #headersFor(error: CallwireError, request: HttpRequest): Record<string, string> {
    if (error.reason === "UNAUTHENTICATED") return { "www-authenticate": 'Basic realm="callwire", charset="UTF-8"' };
    if (error.reason === "METHOD_NOT_ALLOWED") return { allow: "POST" };
    return request.httpVersionMajor < 2 && !request.complete ? { connection: "close" } : {};
  }

  async #serve(request: HttpRequest, response: HttpResponse, tenant: string, source: string): Promise<void> {
    const target = this.#target(request, tenant, source);
    this.#checkMethod(request, target.source);
    const body = await readBody(request, this.#deps.limits);
    if (body === undefined) return;
    const outcomes = await this.#submit(target, body);
    this.#deps.countOutcomes(target.tenant, target.source.id, outcomes);
    this.#answer(response, target.source, outcomes);
  }

  #target(request: HttpRequest, tenantId: string, sourceId: string): Target {
    const tenant = this.#deps.tenants.find(({ id }) => id === tenantId);
    const source = tenant?.sources.find(({ id }) => id === sourceId);
    if (source !== undefined && hasCredential(request, source)) return { tenant: tenantId, source };
    if (source !== undefined || this.#hidesPaths) {
      throw new CallwireError("UNAUTHENTICATED", "the credential of this source is missing or wrong");
    }
    if (tenant === undefined)
      throw new CallwireError("UNKNOWN_TENANT", `no tenant ${JSON.stringify(tenantId.slice(0, 64))}`);
    const message = `tenant ${tenantId} has no source ${JSON.stringify(sourceId.slice(0, 64))}`;
    throw new CallwireError("UNKNOWN_SOURCE", message);
  }

  /** A source with a credential takes what an unknown sender may send; an anonymous one nothing that a web page can. */
  #checkMethod(request: HttpRequest, source: SourceConfig): void {
    const isAnonymous = source.auth === undefined;
    if (request.method !== "POST" && (isAnonymous || request.method !== "PUT")) {
      throw new CallwireError("METHOD_NOT_ALLOWED", `${request.method} is not allowed here; use POST`);
    }
    const contentType = String(request.headers["content-type"] ?? "");
    if (isAnonymous && !jsonContentType.test(contentType)) {
      const message = `content-type ${JSON.stringify(contentType.slice(0, 64))} is not JSON in UTF-8`;
      throw new CallwireError("UNSUPPORTED_MEDIA_TYPE", message);
    }
  }

  /** Under overload the request is held once before it is refused. */
  async #submit({ tenant, source }: Target, body: Buffer): Promise<ItemOutcome[]> {
    const { log, limits } = this.#deps;
    try {
      return await log.submitBody(tenant, source.id, body);
    } catch (error) {
      if (!(error instanceof CallwireError) || error.reason !== "OVERLOADED") throw error;
      if (!(await log.whenUnderPressureEnds(limits.webhookHoldMs))) throw error;
      return await log.submitBody(tenant, source.id, body);
    }
  }

  #answer(response: HttpResponse, source: SourceConfig, outcomes: readonly ItemOutcome[]): void {
    const rejections = outcomes.flatMap((outcome, index) =>
      outcome.status === "rejected" ? [{ index, reason: outcome.reason, message: outcome.message }] : [],
    );
    const [first] = rejections;
    if (rejections.length === outcomes.length && first !== undefined && source.onQuarantine === "refuse") {
      return sendError(response, new CallwireError(first.reason, first.message), {}, [{ rejections }]);
    }
    sendJson(response, 200, {
      accepted: outcomes.filter(({ status }) => status === "accepted").length,
      duplicates: outcomes.filter(({ status }) => status === "duplicate").length,
      rejected: rejections.length,
      cursors: outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [] : [outcome.cursor])),
      rejections,
    });
  }
}
