/** The composition root: builds the parts, opens the port, and takes it all down in the opposite order. */
import type { Logger } from "pino";
import { HeldBodies } from "../auth/held-bodies.ts";
import type { Config } from "../config/config.ts";
import { isLoopback } from "../config/load-config.ts";
import { Fanout } from "../fanout/fanout.ts";
import { Deadlines } from "../http2/deadlines.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { logDefectsTo } from "../rpc/connect-error.ts";
import { createRpcHandler, type RpcHandler } from "../rpc/router.ts";
import { createSubscribeHandler } from "../rpc/subscribe-handler.ts";
import { createLogger } from "../telemetry/logger.ts";
import { WebhookHandler } from "../webhook/webhook-handler.ts";
import { AccessControl, checkAccess } from "./access-control.ts";
import { announce } from "./announcement.ts";
import type { CorsPolicy } from "./cors.ts";
import { createMetrics } from "./metrics.ts";
import { openLog } from "./open-log.ts";
import { openPort, type Port } from "./port.ts";
import { watchConfiguration } from "./reload.ts";
import { createRoutes } from "./routes.ts";
import { version } from "./version.ts";

export interface Gateway {
  address: { host: string; port: number };
  /** For clients on this machine. */
  url: string;
  log: GatewayLog;
  /** Not ready, streams told to go away, connections ended, commits flushed; within `limits.shutdown_timeout`. */
  close(): Promise<void>;
}

/** How a gateway ends. */
interface Ending {
  /** Not ready any more. */
  drain(): void;
  timeoutMs: number;
  /** After everything else. */
  finish(): void;
}

class RunningGateway implements Gateway {
  readonly address: { host: string; port: number };
  readonly url: string;
  readonly log: GatewayLog;
  readonly #port: Port;
  readonly #fanout: Fanout;
  readonly #ending: Ending;
  #closed: Promise<void> | undefined;

  constructor(log: GatewayLog, fanout: Fanout, port: Port, isSecure: boolean, end: Ending) {
    this.address = port.address;
    const { host, port: number } = port.address;
    const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    this.url = `http${isSecure ? "s" : ""}://${reachable.includes(":") ? `[${reachable}]` : reachable}:${number}`;
    this.log = log;
    this.#port = port;
    this.#fanout = fanout;
    this.#ending = end;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { drain, timeoutMs, finish } = this.#ending;
    drain();
    await this.#fanout.shutdown(timeoutMs * 0.4);
    await this.#port.close(timeoutMs * 0.4);
    await this.log.close();
    finish();
  }
}

/** Told at every start, since nobody should get used to it. */
function warnOfOpenness(config: Config, isAnonymous: boolean, logger: Logger): void {
  if (config.allowAnonymous && isAnonymous) {
    logger.warn("anonymous access is allowed: whoever reaches this address can read and publish all events");
  } else if (config.allowAnonymous) {
    logger.warn("anonymous access was allowed, but credentials exist: without one nothing is served but health");
  }
  if (!isAnonymous && config.tls === undefined && !isLoopback(config.listen.host)) {
    logger.warn("credentials cross the network unencrypted: set tls, or let only a proxy with TLS reach this address");
  }
}

function connectHealth(log: GatewayLog, rpc: RpcHandler, isDraining: () => boolean): void {
  log.onHealth(({ ok }) => rpc.health.setServing(ok && !isDraining()));
}

const tellEveryMs = 60_000;

/** Does something at most once a minute. */
function sometimes(act: () => void): () => void {
  let nextMs = 0;
  return () => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + tellEveryMs;
    act();
  };
}

export interface GatewayOptions {
  logger?: Logger;
  /** Where the log is being opened already. */
  log?: Promise<GatewayLog>;
  /** Reads the configuration again, when a file of it has changed. Without it nothing is reloaded. */
  load?: () => Config;
}

/** @throws DataFolderError, ConfigError, or Node's error when the address cannot be listened on */
export async function startGateway(config: Config, options: GatewayOptions = {}): Promise<Gateway> {
  const logger = options.logger ?? createLogger(config.log);
  logDefectsTo(logger);
  const { limits, retentionMs } = config;
  const log = await (options.log ?? openLog(config, logger));
  try {
    const warnOfReplays = sometimes(() =>
      logger.warn(`a replay whose client does not read was ended: limits.max_replay_bytes is ${limits.maxReplayBytes}`),
    );
    const fanout = new Fanout(log, limits, warnOfReplays);
    let draining = false;
    const isDraining = (): boolean => draining;
    const sources = new Map(config.tenants.map((tenant) => [tenant.id, tenant.sources.map(({ id }) => id)]));
    const sourcesOf = (tenant: string): readonly string[] => sources.get(tenant) ?? [];
    const access = new AccessControl(config, logger);
    const { gate, streams, quotas, audit } = access;
    const bodies = new HeldBodies(limits.maxPendingBytes);
    const arrivals = new Deadlines(limits.requestTimeoutMs);
    const callers = { gate, streams, quotas, bodies, arrivals, audit, keys: access.authenticator.keys };
    const served = { log, fanout, limits, retentionMs, logger, serverVersion: version, sourcesOf };
    const rpc = createRpcHandler({ ...served, ...callers });
    connectHealth(log, rpc, isDraining);
    const metrics = createMetrics(log, fanout, () => log.health().ok && !draining);
    const webhooks = new WebhookHandler(
      { log, limits, audit, quotas, bodies, arrivals, countOutcomes: metrics.countOutcomes },
      config,
    );
    const cors: CorsPolicy = {
      allowedOrigins: config.cors.allowedOrigins,
      // Elsewhere, and once callers are told apart, a page has to be named.
      allowsLocalPages: () => isLoopback(config.listen.host) && access.authenticator.isAnonymous,
    };
    const subscribe = createSubscribeHandler({ log, fanout, limits, gate, streams, quotas, bodies, arrivals });
    const isSecure = config.tls !== undefined;
    const routes = createRoutes({ log, gate, rpc, subscribe, webhooks, metrics, cors, isDraining, isSecure });
    const port = await openPort(config.listen, routes, limits, config.tls);
    port.onRefused(
      sometimes(() => logger.warn(`a connection was refused: limits.max_connections is ${limits.maxConnections}`)),
    );
    const { load } = options;
    const apply = (changed: Config): void => {
      // Whatever cannot be used throws before anything of it is in force.
      checkAccess(changed);
      if (changed.tls !== undefined && isSecure) port.renew(changed.tls);
      access.replace(changed);
      webhooks.replace(changed);
    };
    const stopWatching = load === undefined ? () => {} : watchConfiguration(config, { load, apply, logger });
    const drain = (): void => {
      draining = true;
      rpc.health.setServing(false);
    };
    const finish = (): void => {
      stopWatching();
      access.close();
    };
    const ending = { drain, timeoutMs: limits.shutdownTimeoutMs, finish };
    const gateway = new RunningGateway(log, fanout, port, isSecure, ending);
    for (const warning of config.warnings) logger.warn(warning);
    warnOfOpenness(config, access.authenticator.isAnonymous, logger);
    announce(logger, config, access.authenticator.isAnonymous, gateway.url);
    return gateway;
  } catch (error) {
    await log.close();
    throw error;
  }
}
