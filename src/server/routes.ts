/** Which part of the gateway serves a request. */
import type { Access } from "../auth/access.ts";
import type { Gate } from "../auth/gate.ts";
import type { PagePath } from "../auth/permissions.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { isRpcRequest, type RpcHandler } from "../rpc/router.ts";
import { subscribePath } from "../rpc/subscribe-handler.ts";
import { sendError, sendJson } from "../webhook/http-error.ts";
import { type WebhookHandler, webhookPath } from "../webhook/webhook-handler.ts";
import { applyCors, type CorsPolicy } from "./cors.ts";
import { isForeignPage } from "./foreign-pages.ts";
import type { Metrics } from "./metrics.ts";
import type { AnyHttpRequest, AnyHttpResponse, RequestHandler } from "./port.ts";

export interface Parts {
  log: GatewayLog;
  gate: Gate;
  rpc: RpcHandler;
  subscribe: RequestHandler;
  webhooks: WebhookHandler;
  metrics: Metrics;
  cors: CorsPolicy;
  isDraining(): boolean;
  /** Behind TLS, browsers are told never to come back without it. */
  isSecure: boolean;
}

/** Answers GET and HEAD. */
type Page = (parts: Parts, response: AnyHttpResponse, access: Access) => void | Promise<void>;

function readiness({ log, isDraining }: Parts, response: AnyHttpResponse): void {
  const health = log.health();
  if (isDraining()) return sendError(response, new CallwireError("GOING_AWAY", "the gateway is shutting down"));
  if (!health.ok) return sendError(response, new CallwireError(health.reason, health.message));
  sendJson(response, 200, { status: "ready" });
}

/** A page without a declared permission does not compile. */
const pages: Readonly<Record<PagePath, Page>> = {
  "/healthz": (_, response) => sendJson(response, 200, { status: "alive" }),
  "/readyz": readiness,
  "/metrics": async ({ metrics }, response, { policy }) => {
    const text = await metrics.text(policy.tenants);
    response.setHeader("content-type", metrics.contentType);
    response.end(text);
  },
};

function isPage(path: string): path is PagePath {
  return Object.hasOwn(pages, path);
}

function servePage(path: PagePath, parts: Parts, request: AnyHttpRequest, response: AnyHttpResponse): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    const error = new CallwireError("METHOD_NOT_ALLOWED", `${request.method} is not allowed here; use GET`);
    return sendError(response, error, { allow: "GET, HEAD" });
  }
  response.setHeader("x-content-type-options", "nosniff");
  if (parts.isSecure) response.setHeader("strict-transport-security", "max-age=31536000");
  const serve = async (): Promise<void> => {
    const access = await parts.gate.admitToPage(request, path);
    await pages[path](parts, response, access);
  };
  serve().catch((error: unknown) => {
    const known = error instanceof CallwireError ? error : undefined;
    const failure = known ?? new CallwireError("INTERNAL", "the page failed", { cause: error });
    sendError(response, failure, failure.reason === "UNAUTHENTICATED" ? { "www-authenticate": "Bearer" } : {});
  });
}

function refuseForeignPage(request: AnyHttpRequest, response: AnyHttpResponse): void {
  request.resume();
  const message = "without credentials only pages and programs of this machine are served (cors.allowed_origins)";
  sendError(response, new CallwireError("PERMISSION_DENIED", message));
}

export function createRoutes(parts: Parts): RequestHandler {
  return (request, response) => {
    // A reset of the stream by the client is no event of its own.
    response.on("error", () => {});
    const path = (request.url ?? "").split("?", 1)[0]!;
    const isGuarded = parts.cors.allowsLocalPages() && path !== "/healthz" && path !== "/readyz";
    if (isGuarded && isForeignPage(request, parts.cors.allowedOrigins)) return refuseForeignPage(request, response);
    const webhook = webhookPath.exec(request.url ?? "");
    if (webhook !== null) return parts.webhooks.handle(request, response, webhook[1]!, webhook[2]!);
    if (isPage(path)) return servePage(path, parts, request, response);
    if (isRpcRequest(request)) {
      if (applyCors(parts.cors, request, response)) return;
      return path === subscribePath ? parts.subscribe(request, response) : parts.rpc.handle(request, response);
    }
    request.resume();
    sendError(response, new CallwireError("NOT_FOUND", `there is nothing at ${path.slice(0, 128)}`));
  };
}
