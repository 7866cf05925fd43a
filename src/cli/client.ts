/** The gateway as a command sees it: typed clients over gRPC on HTTP/2, and an end. */
import { type Client, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { type Command, Option } from "commander";
import { AdminService } from "../../gen/ts/callwire/v1/admin_pb.ts";
import { CallService } from "../../gen/ts/callwire/v1/call_pb.ts";
import { IngestService } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { CommandFailure, describeFailure } from "./failure.ts";
import { UsageError } from "./usage.ts";

export const defaultGateway = "http://127.0.0.1:7450";

/** How long a call that gives one answer may take. */
export const callTimeoutMs = 30_000;

export interface Gateway {
  /** Where it is, for messages. */
  url: string;
  subscriptions: Client<typeof SubscriptionService>;
  ingest: Client<typeof IngestService>;
  calls: Client<typeof CallService>;
  admin: Client<typeof AdminService>;
  /** Ends the connection and every stream on it, so that the process can exit. */
  close(): void;
}

/** What every command that talks to a gateway takes. */
export interface GatewayFlags {
  gateway: string;
  tenant?: string;
}

export function addGatewayFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--gateway <url>", "the gateway to talk to")
        .env("CALLWIRE_GATEWAY")
        .default(defaultGateway)
        .argParser(gatewayUrl),
    )
    .option("--tenant <id>", "the tenant, needed only when there are several");
}

/** Checks the address of a gateway; `host:port` alone means cleartext. */
export function gatewayUrl(text: string): string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new UsageError(`--gateway takes an address such as ${defaultGateway}, not "${text}".`);
  }
  return url.href.replace(/\/$/, "");
}

export function connect(url: string): Gateway {
  const sessionManager = new Http2SessionManager(url, { pingIntervalMs: 20_000 });
  const transport = createGrpcTransport({ baseUrl: url, sessionManager });
  return {
    url,
    subscriptions: createClient(SubscriptionService, transport),
    ingest: createClient(IngestService, transport),
    calls: createClient(CallService, transport),
    admin: createClient(AdminService, transport),
    close: () => sessionManager.abort(),
  };
}

/** Runs `work` with a connection that is closed whatever happens; what the gateway refuses is told with its address. */
export async function withGateway<T>(flags: GatewayFlags, work: (gateway: Gateway) => Promise<T>): Promise<T> {
  const gateway = connect(flags.gateway);
  try {
    return await work(gateway);
  } catch (error) {
    throw error instanceof ConnectError ? new CommandFailure(describeFailure(error, gateway.url)) : error;
  } finally {
    gateway.close();
  }
}
