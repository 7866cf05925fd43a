/** The gateway as a command sees it: typed clients over gRPC on HTTP/2, and an end. */
import { readFileSync } from "node:fs";
import { type Client, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
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
  apiKeyFile?: string;
  ca?: string;
  cert?: string;
  key?: string;
}

export function addGatewayFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--gateway <url>", "the gateway to talk to")
        .env("CALLWIRE_GATEWAY")
        .default(defaultGateway)
        .argParser(gatewayUrl),
    )
    .option("--tenant <id>", "the tenant, needed only when there are several")
    .option("--api-key-file <file>", "a file with the API key or token (default: the variable CALLWIRE_API_KEY)")
    .option("--ca <file>", "certificates to trust beside the usual ones, as PEM")
    .option("--cert <file>", "the client's certificate, as PEM; needs --key")
    .option("--key <file>", "the key of the client's certificate, as PEM; needs --cert");
}

/** How the gateway is told who is calling. Secrets never stand in flags. */
interface Credential {
  apiKey: string | undefined;
  tls: { ca?: Buffer; cert?: Buffer; key?: Buffer };
}

function readGiven(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${flag}: ${path} cannot be read: ${(error as Error).message}.`);
  }
}

function credentialOf({ apiKeyFile, ca, cert, key }: GatewayFlags): Credential {
  if ((cert === undefined) !== (key === undefined)) throw new UsageError("--cert and --key need each other.");
  const given =
    apiKeyFile === undefined ? process.env.CALLWIRE_API_KEY : readGiven("--api-key-file", apiKeyFile).toString();
  const apiKey = given?.trim();
  return {
    apiKey: apiKey === "" ? undefined : apiKey,
    tls: {
      ...(ca === undefined ? {} : { ca: readGiven("--ca", ca) }),
      ...(cert === undefined || key === undefined
        ? {}
        : { cert: readGiven("--cert", cert), key: readGiven("--key", key) }),
    },
  };
}

const anonymous: Credential = { apiKey: undefined, tls: {} };

/** Checks the address of a gateway; `host:port` alone means cleartext. */
export function gatewayUrl(text: string): string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new UsageError(`--gateway takes an address such as ${defaultGateway}, not "${text}".`);
  }
  return url.href.replace(/\/$/, "");
}

/** A connection of a command that was given flags. @throws UsageError when a file of them cannot be read */
export function connectBy(flags: GatewayFlags): Gateway {
  return connect(flags.gateway, credentialOf(flags));
}

export function connect(url: string, { apiKey, tls }: Credential = anonymous): Gateway {
  const sessionManager = new Http2SessionManager(url, { pingIntervalMs: 20_000 }, tls);
  const authorise: Interceptor = (next) => (request) => {
    if (apiKey !== undefined) request.header.set("authorization", `Bearer ${apiKey}`);
    return next(request);
  };
  const transport = createGrpcTransport({ baseUrl: url, sessionManager, interceptors: [authorise] });
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
  const gateway = connectBy(flags);
  try {
    return await work(gateway);
  } catch (error) {
    throw error instanceof ConnectError ? new CommandFailure(describeFailure(error, gateway.url)) : error;
  } finally {
    gateway.close();
  }
}
