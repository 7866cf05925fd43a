/** Every RPC but Subscribe: Connect's handlers behind the strict preflight, on HTTP/1.1 and HTTP/2 alike. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { type DescService, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ConnectRouter, createConnectRouter, createContextValues, type Interceptor } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerRequest } from "@connectrpc/connect/protocol";
import {
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { Logger } from "pino";
import { AdminService } from "../../gen/ts/callwire/v1/admin_pb.ts";
import { CallService } from "../../gen/ts/callwire/v1/call_pb.ts";
import { file_callwire_v1_error } from "../../gen/ts/callwire/v1/error_pb.ts";
import { IngestService } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { file_google_rpc_error_details } from "../../gen/ts/google/rpc/error_details_pb.ts";
import { file_google_rpc_status } from "../../gen/ts/google/rpc/status_pb.ts";
import { Health } from "../../gen/ts/grpc/health/v1/health_pb.ts";
import * as v1 from "../../gen/ts/grpc/reflection/v1/reflection_pb.ts";
import * as v1alpha from "../../gen/ts/grpc/reflection/v1alpha/reflection_pb.ts";
import type { ApiKeys } from "../auth/api-keys.ts";
import type { AuditLog } from "../auth/audit-log.ts";
import { connectionOf, type Gate } from "../auth/gate.ts";
import type { HeldBodies } from "../auth/held-bodies.ts";
import type { OpenStreams } from "../auth/open-streams.ts";
import { rpcRequirements } from "../auth/permissions.ts";
import type { Quotas } from "../auth/quotas.ts";
import type { Limits } from "../config/limits.ts";
import type { Fanout } from "../fanout/fanout.ts";
import type { Deadlines } from "../http2/deadlines.ts";
import type { Http2Request } from "../http2/request.ts";
import type { Http2Response } from "../http2/response.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { adminService } from "./admin-service.ts";
import { callService } from "./call-service.ts";
import { callerKey } from "./caller.ts";
import { errorTypes } from "./connect-error.ts";
import { HealthStatus, healthService } from "./health-service.ts";
import { ingestService } from "./ingest-service.ts";
import { preflight, refused, strictRequests, wholeRequest } from "./preflight.ts";
import { PublicStreams } from "./public-streams.ts";
import { createPublishHandler } from "./publish-handler.ts";
import { ReadingTurns } from "./reading-turns.ts";
import { DescriptorIndex, reflectionService } from "./reflection-service.ts";
import { arrivingInTime, cutLater } from "./request-time.ts";
import { subscriptionService } from "./subscription-service.ts";
import { watchCalls } from "./watch-calls.ts";

type NodeRequest = IncomingMessage | Http2Request;
type NodeResponse = ServerResponse | Http2Response;

export interface RpcDeps {
  log: GatewayLog;
  fanout: Fanout;
  limits: Limits;
  retentionMs: number | undefined;
  logger: Logger;
  serverVersion: string;
  gate: Gate;
  streams: OpenStreams;
  quotas: Quotas;
  bodies: HeldBodies;
  arrivals: Deadlines;
  audit: AuditLog;
  keys: ApiKeys;
  /** Source ids of a tenant. */
  sourcesOf(tenant: string): readonly string[];
}

export interface RpcHandler {
  handle(request: NodeRequest, response: NodeResponse): void;
  health: HealthStatus;
}

const publicServices: readonly DescService[] = [SubscriptionService, IngestService, CallService, AdminService];
const standardServices: readonly DescService[] = [Health, v1.ServerReflection, v1alpha.ServerReflection];

const rpcContentType = /^application\/(?:grpc|connect)/i;

/** Whether a request is an RPC, also of a method that nobody serves. */
export function isRpcRequest(request: NodeRequest): boolean {
  return (
    /^\/(?:callwire\.v1|grpc)\./.test(request.url ?? "") || rpcContentType.test(request.headers["content-type"] ?? "")
  );
}

function descriptorIndex(): DescriptorIndex {
  const services = [...publicServices, ...standardServices];
  const alone = [file_callwire_v1_error, file_google_rpc_error_details, file_google_rpc_status];
  const files = [...services.map(({ file }) => file), ...alone];
  return new DescriptorIndex(
    files,
    services.map(({ typeName }) => typeName),
  );
}

/** `v1alpha` messages are those of `v1` in another package. */
function addReflection(router: ConnectRouter): void {
  const implementation = reflectionService(descriptorIndex());
  router.service(v1.ServerReflection, implementation);
  router.service(v1alpha.ServerReflection, {
    async *serverReflectionInfo(requests, context) {
      const translated = (async function* () {
        for await (const request of requests) {
          yield fromBinary(v1.ServerReflectionRequestSchema, toBinary(v1alpha.ServerReflectionRequestSchema, request));
        }
      })();
      for await (const response of implementation.serverReflectionInfo(translated, context)) {
        const bytes = toBinary(v1.ServerReflectionResponseSchema, response as v1.ServerReflectionResponse);
        yield fromBinary(v1alpha.ServerReflectionResponseSchema, bytes);
      }
    },
  });
}

const readingServices: ReadonlySet<string> = new Set([SubscriptionService.typeName, CallService.typeName]);

/** Answers whose size is the history's are made in turn. */
function readingInTurn(): Interceptor {
  const turns = new ReadingTurns();
  return (next) => async (request) => {
    if (request.stream || !readingServices.has(request.service.typeName)) return await next(request);
    const { access } = request.contextValues.get(callerKey)!;
    const over = await turns.take(access);
    try {
      request.signal.throwIfAborted();
      return await next(request);
    } finally {
      // Once it is encoded as well, and whatever else waits has been dealt with.
      setImmediate(over);
    }
  };
}

function routes(deps: RpcDeps, health: HealthStatus): Map<string, UniversalHandler> {
  const router = createConnectRouter({
    interceptors: [strictRequests, readingInTurn()],
    acceptCompression: [compressionGzip],
    // Compressing small answers costs more than sending them.
    compressMinBytes: 64 * 1024,
    // The preflight has bounded unary requests already; streams are bounded here.
    readMaxBytes: deps.limits.maxPublishBytes,
    // A field that the contract does not know is never ignored, in streams neither.
    jsonOptions: { registry: errorTypes, ignoreUnknownFields: false },
  });
  router.service(SubscriptionService, subscriptionService(deps));
  router.service(IngestService, ingestService(deps));
  router.service(AdminService, adminService(deps));
  router.service(CallService, {
    ...callService(deps),
    watchCalls: (request, context) => watchCalls(deps, request, context),
  });
  router.service(Health, healthService(health));
  addReflection(router);
  return new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
}

/** A method that nobody serves: UNIMPLEMENTED in gRPC, 404 in the Connect protocol. */
function unknownMethod(request: NodeRequest, response: NodeResponse): void {
  request.resume();
  const contentType = request.headers["content-type"] ?? "";
  const message = `${(request.url ?? "").slice(0, 256)} is not served`;
  const headers = contentType.startsWith("application/grpc")
    ? { "content-type": "application/grpc", "grpc-status": "12", "grpc-message": encodeURIComponent(message) }
    : { "content-type": "application/json" };
  const isGrpc = "grpc-status" in headers;
  (response as ServerResponse).writeHead(isGrpc ? 200 : 404, headers);
  (response as ServerResponse).end(isGrpc ? undefined : JSON.stringify({ code: "unimplemented", message }));
}

function isPublicStream({ method, requestPath }: UniversalHandler): boolean {
  return method.methodKind !== "unary" && rpcRequirements[requestPath] === "public";
}

function isStrict({ service }: UniversalHandler): boolean {
  return service.typeName.startsWith("callwire.");
}

/** A request whose body is bounded in size and time, and decoded where that is done here. */
async function checkedRequest(
  { limits, bodies, arrivals }: RpcDeps,
  handler: UniversalHandler,
  given: UniversalServerRequest,
  request: NodeRequest,
): Promise<UniversalServerRequest> {
  const { methodKind, input } = handler.method;
  if (methodKind === "client_streaming" || methodKind === "bidi_streaming" || given.method !== "POST") return given;
  const { maxPublishBytes } = limits;
  const inTime = <T>(arrival: Promise<T>) => arrivingInTime(request, arrival, arrivals);
  if (isStrict(handler)) return await preflight(given, input, maxPublishBytes, inTime, bodies.open());
  return await wholeRequest(given, maxPublishBytes, inTime, bodies.open());
}

export function createRpcHandler(deps: RpcDeps): RpcHandler {
  const health = new HealthStatus(publicServices.map(({ typeName }) => typeName));
  const handlers = routes(deps, health);
  const publishes = createPublishHandler(deps);
  const publicStreams = new PublicStreams();
  const serve = async (handler: UniversalHandler, request: NodeRequest, response: NodeResponse): Promise<void> => {
    const contextValues = createContextValues();
    const [nodeRequest, nodeResponse] = [request, response] as unknown as [Http2ServerRequest, Http2ServerResponse];
    const given = universalRequestFromNodeRequest(nodeRequest, nodeResponse, undefined, contextValues);
    let strict = given;
    try {
      const access = await deps.gate.admitToRpc(request, handler.requestPath);
      if (isPublicStream(handler)) publicStreams.open(response as ServerResponse);
      contextValues.set(callerKey, { access, address: connectionOf(request).remoteAddress ?? "" });
      strict = await checkedRequest(deps, handler, given, request);
    } catch (error) {
      strict = refused(given, error);
      request.resume();
    }
    await universalResponseToNodeResponse(await handler(strict), nodeResponse);
    if (!request.complete) cutLater(request, response, deps.limits.requestTimeoutMs);
  };
  return {
    health,
    handle(request, response) {
      if (publishes(request, response)) return;
      const handler = handlers.get(request.url?.split("?", 1)[0] ?? "");
      if (handler === undefined) return unknownMethod(request, response);
      serve(handler, request, response).catch((error: unknown) => {
        // The client went away in mid-answer, or the answer could not be written.
        deps.logger.debug({ err: error, rpc: handler.requestPath }, "an RPC was cut off");
        response.destroy();
      });
    },
  };
}
