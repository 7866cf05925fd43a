/** The client for Node. */
import { presentCredential } from "./connection.ts";
import { type Credential, KeyRing } from "./credential.ts";
import { type CommonClientOptions, GatewayClient } from "./gateway-client.ts";
import { NodeConnection, type NodeProtocol, type TlsOptions } from "./node-connection.ts";

export interface ClientOptions extends CommonClientOptions {
  /** The gateway's address: `http://` for plaintext, `https://` for TLS. */
  readonly url: string;
  /** An API key, or what provides one. None for a gateway without credentials. */
  readonly credential?: Credential | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Default "grpc". */
  readonly protocol?: NodeProtocol | undefined;
}

/** A client of one gateway over gRPC or Connect. It keeps one connection, which `close()` ends. */
export class Client extends GatewayClient {
  /** @throws TypeError when the address is not one of `http://` or `https://` */
  constructor(options: ClientOptions) {
    const keys = new KeyRing(options.credential);
    const { protocol = "grpc", tls = {} } = options;
    const interceptors = [presentCredential(keys)];
    super(new NodeConnection(gatewayAddress(options.url), protocol, tls, interceptors), keys, options);
  }
}

function gatewayAddress(text: string): string {
  const url = new URL(text);
  if (!["http:", "https:"].includes(url.protocol)) {
    throw new TypeError(`a gateway's address begins with http:// or https://, not ${url.protocol}`);
  }
  return url.href.replace(/\/$/, "");
}
