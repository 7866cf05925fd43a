/** The port's TLS: what is offered, and changed certificates put in place for the connections that come next. */
import { readFileSync } from "node:fs";
import type { Server, Socket } from "node:net";
import {
  createServer,
  type SecureContextOptions,
  type TLSSocket,
  type TlsOptions,
  type Server as TlsServer,
} from "node:tls";
import type { TlsConfig } from "../config/access.ts";

/** A client has this long for the handshake. */
const handshakeTimeoutMs = 10_000;

function contextOf({ certificate, key, clientCa, minVersion }: TlsConfig): SecureContextOptions {
  return {
    cert: readFileSync(certificate),
    key: readFileSync(key),
    ...(clientCa === undefined ? {} : { ca: readFileSync(clientCa) }),
    minVersion: `TLSv${minVersion}`,
    maxVersion: "TLSv1.3",
  };
}

/** @throws Error when a file cannot be read or does not hold what it should */
export function createTlsServer(config: TlsConfig, onConnection: (socket: TLSSocket) => void): Server {
  const options: TlsOptions = {
    ...contextOf(config),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    ALPNProtocols: ["h2", "http/1.1"],
    handshakeTimeout: handshakeTimeoutMs,
    requestCert: config.clientCa !== undefined,
    // A certificate that is not trusted proves nothing; whether it must, the configuration says.
    rejectUnauthorized: config.clientCa !== undefined && config.clientCertificates === "required",
  };
  const server = createServer(options, onConnection);
  // A client that fails the handshake is no event of its own.
  server.on("tlsClientError", (_, socket: Socket) => socket.destroy());
  return server;
}

/** @throws Error when a file cannot be read or does not hold what it should; then nothing has changed */
export function renewCertificates(server: Server, config: TlsConfig): void {
  (server as TlsServer).setSecureContext(contextOf(config));
}
