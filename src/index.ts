/** The package `callwire` for programs that run a gateway within themselves. */
export type { Config } from "./config/config.ts";
export { loadConfig } from "./config/load-config.ts";
export { type Gateway, startGateway } from "./server/gateway.ts";
