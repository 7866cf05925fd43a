/** The composition root: builds the parts, opens the port, and takes it all down in the opposite order. */
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { isLoopback } from "../config/load-config.ts";
import { Fanout } from "../fanout/fanout.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { openGatewayLog } from "../log/open-gateway-log.ts";
import { logDefectsTo } from "../rpc/connect-error.ts";
import { createRpcHandler, type RpcHandler } from "../rpc/router.ts";
import { createSubscribeHandler } from "../rpc/subscribe-handler.ts";
import { createLogger } from "../telemetry/logger.ts";
import { WebhookHandler } from "../webhook/webhook-handler.ts";
import { createMetrics } from "./metrics.ts";
import { openPort, type Port } from "./port.ts";
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

/** Says where to send webhooks and how to subscribe. */
function announce(logger: Logger, config: Config, url: string): void {
  for (const { id, sources } of config.tenants) {
    for (const source of sources) {
      logger.info({ webhook: `${url}/webhooks/${id}/${source.id}` }, `source ${id}/${source.id} takes webhooks`);
    }
  }
  const host = new URL(url).host;
  const subscribe = `grpcurl -plaintext -d '{}' ${host} callwire.v1.SubscriptionService/Subscribe`;
  logger.info({ subscribe }, "subscribe with grpcurl");
  logger.info({ url, dataDir: config.dataDir, version }, "ready");
}

class RunningGateway implements Gateway {
  readonly address: { host: string; port: number };
  readonly url: string;
  readonly log: GatewayLog;
  readonly #port: Port;
  readonly #fanout: Fanout;
  readonly #drain: () => void;
  readonly #timeoutMs: number;
  #closed: Promise<void> | undefined;

  constructor(log: GatewayLog, fanout: Fanout, port: Port, drain: () => void, timeoutMs: number) {
    this.address = port.address;
    const { host, port: number } = port.address;
    const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    this.url = `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${number}`;
    this.log = log;
    this.#port = port;
    this.#fanout = fanout;
    this.#drain = drain;
    this.#timeoutMs = timeoutMs;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#drain();
    await this.#fanout.shutdown(this.#timeoutMs * 0.4);
    await this.#port.close(this.#timeoutMs * 0.4);
    await this.log.close();
  }
}

function connectHealth(log: GatewayLog, rpc: RpcHandler, isDraining: () => boolean): void {
  log.onHealth(({ ok }) => rpc.health.setServing(ok && !isDraining()));
}

/** @throws DataFolderError, or Node's error when the address cannot be listened on */
export async function startGateway(config: Config, options: { logger?: Logger } = {}): Promise<Gateway> {
  const logger = options.logger ?? createLogger(config.log);
  logDefectsTo(logger);
  const { limits, retentionMs } = config;
  const tenants = config.tenants.map(({ id, sources, sessionTimes }) => {
    return { id, sources: sources.map((source) => source.id), sessionTimes };
  });
  const log = await openGatewayLog({ dataDir: config.dataDir, tenants, limits, retentionMs, logger });
  try {
    const fanout = new Fanout(log, limits);
    let draining = false;
    const isDraining = (): boolean => draining;
    const sourcesOf = (tenant: string): readonly string[] => tenants.find(({ id }) => id === tenant)?.sources ?? [];
    const rpc = createRpcHandler({ log, fanout, limits, retentionMs, logger, serverVersion: version, sourcesOf });
    connectHealth(log, rpc, isDraining);
    const metrics = createMetrics(log, fanout, () => log.health().ok && !draining);
    const webhooks = new WebhookHandler({ log, limits, tenants: config.tenants, countOutcomes: metrics.countOutcomes });
    const cors = { allowedOrigins: config.cors.allowedOrigins, allowLocalPages: isLoopback(config.listen.host) };
    const subscribe = createSubscribeHandler({ log, fanout, limits });
    const routes = createRoutes({ log, rpc, subscribe, webhooks, metrics, cors, isDraining });
    const port = await openPort(config.listen, routes, limits);
    const drain = (): void => {
      draining = true;
      rpc.health.setServing(false);
    };
    const gateway = new RunningGateway(log, fanout, port, drain, limits.shutdownTimeoutMs);
    if (config.allowAnonymous) {
      logger.warn("anonymous access is allowed: whoever reaches this address can read and publish all events");
    }
    announce(logger, config, gateway.url);
    return gateway;
  } catch (error) {
    await log.close();
    throw error;
  }
}
