/** `@callwire/client/web`: the client for browsers, over Connect or gRPC-Web. */
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { presentCredential } from "./connection.ts";
import { type Credential, KeyRing } from "./credential.ts";
import { type CommonClientOptions, GatewayClient } from "./gateway-client.ts";

export * from "./entry-exports.ts";

export interface ClientOptions extends CommonClientOptions {
  /** The gateway's address, or the path of the page's own host under which it is reached. */
  readonly url: string;
  /** An API key, or what provides one. None for a gateway without credentials. */
  readonly credential?: Credential | undefined;
  /** Default "connect". */
  readonly protocol?: "connect" | "grpc-web" | undefined;
}

/** A client of one gateway. The browser keeps the connections. */
export class Client extends GatewayClient {
  constructor(options: ClientOptions) {
    const keys = new KeyRing(options.credential);
    const create = options.protocol === "grpc-web" ? createGrpcWebTransport : createConnectTransport;
    const transport = create({ baseUrl: options.url, useBinaryFormat: true, interceptors: [presentCredential(keys)] });
    // Ending a stream is all that a page can do to a connection, and subscriptions do that themselves.
    super({ transport, renew: () => {}, close: () => {} }, keys, options);
  }
}
