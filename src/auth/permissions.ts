/** Which permission each RPC and each route asks for. What is not listed is served to nobody. */
import type { Permission } from "../config/access.ts";

/** One of these is needed; `public`: no credential either. */
export type Requirement = readonly Permission[] | "public";

const reading: Requirement = ["subscribe"];
const knowing: Requirement = ["subscribe", "observe"];
const administering: Requirement = ["admin"];

/** By the path of the RPC. */
export const rpcRequirements: Readonly<Record<string, Requirement>> = {
  "/callwire.v1.SubscriptionService/Subscribe": reading,
  "/callwire.v1.SubscriptionService/ListEvents": reading,
  "/callwire.v1.SubscriptionService/ExplainEvent": reading,
  "/callwire.v1.SubscriptionService/GetLogInfo": ["subscribe", "publish", "observe", "admin"],
  "/callwire.v1.IngestService/PublishEvents": ["publish"],
  "/callwire.v1.IngestService/PublishStream": ["publish"],
  "/callwire.v1.CallService/GetCall": knowing,
  "/callwire.v1.CallService/ListCalls": knowing,
  "/callwire.v1.CallService/WatchCalls": knowing,
  "/callwire.v1.CallService/GetAgent": knowing,
  "/callwire.v1.CallService/ListAgents": knowing,
  "/callwire.v1.AdminService/ListQuarantinedEvents": administering,
  "/callwire.v1.AdminService/GetQuarantinedEvent": administering,
  "/callwire.v1.AdminService/RetryQuarantinedEvents": administering,
  "/callwire.v1.AdminService/DiscardQuarantinedEvents": administering,
  "/callwire.v1.AdminService/CreateApiKey": administering,
  "/callwire.v1.AdminService/ListApiKeys": administering,
  "/callwire.v1.AdminService/RevokeApiKey": administering,
  // Load balancers ask for health, and tools for the schema, which this repository shows to everyone.
  "/grpc.health.v1.Health/Check": "public",
  "/grpc.health.v1.Health/List": "public",
  "/grpc.health.v1.Health/Watch": "public",
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": "public",
  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": "public",
};

/** By the path of the page. Webhooks have the authentication of their source. */
export const pageRequirements = {
  "/healthz": "public",
  "/readyz": "public",
  "/metrics": ["observe", "admin"],
} as const satisfies Readonly<Record<string, Requirement>>;

export type PagePath = keyof typeof pageRequirements;
