/** What every entry point of the package exports, by hand. */
export * from "../../../gen/ts/callwire/v1/admin_pb.ts";
export * from "../../../gen/ts/callwire/v1/call_pb.ts";
export * from "../../../gen/ts/callwire/v1/error_pb.ts";
export * from "../../../gen/ts/callwire/v1/event_pb.ts";
export * from "../../../gen/ts/callwire/v1/filter_pb.ts";
export * from "../../../gen/ts/callwire/v1/ingest_pb.ts";
export * from "../../../gen/ts/callwire/v1/session_pb.ts";
export * from "../../../gen/ts/callwire/v1/state_pb.ts";
export * from "../../../gen/ts/callwire/v1/subscription_pb.ts";
export { type Checkpoint, type CheckpointState, MemoryCheckpoint } from "./checkpoint.ts";
export type { SavePolicy } from "./checkpoint-saver.ts";
export type { RawClients } from "./connection.ts";
export type { Credential } from "./credential.ts";
export type {
  Delivery,
  EventDelivery,
  FilterChangedDelivery,
  GapDelivery,
  GoingAwayDelivery,
  SnapshotDelivery,
} from "./delivery.ts";
export type { Outcome } from "./entry-queue.ts";
export { CallwireError, type FieldViolation, type StatusCode } from "./errors.ts";
export { type CommonClientOptions, GatewayClient, type Request } from "./gateway-client.ts";
export type { RetryOptions } from "./retry.ts";
export type {
  ConnectedStatus,
  FellBehindStatus,
  ProgressStatus,
  ReconnectingStatus,
  SubscriptionStatus,
} from "./status.ts";
export type { End, FilterInit, Start, SubscribeOptions } from "./subscribe-options.ts";
export { type DeliveryHandler, Subscription } from "./subscription.ts";
export type { CallOptions } from "./unary.ts";
