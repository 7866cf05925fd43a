/** `@callwire/client`: the client for Node. */
export * from "./entry-exports.ts";
export { CheckpointError, FileCheckpoint } from "./file-checkpoint.ts";
export { Client, type ClientOptions } from "./node-client.ts";
export type { NodeProtocol, TlsOptions } from "./node-connection.ts";
