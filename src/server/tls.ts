/** The port's TLS: what is offered, and changed certificates put in place for the connections that come next. */
import { createHash } from "node:crypto";
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

/** For TLS 1.2: forward secrecy and authenticated encryption only, as HTTP/2 asks for. TLS 1.3 has no other. */
const ciphers = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

function contextOf({ certificate, key, clientCa, clientCrl, minVersion }: TlsConfig): SecureContextOptions {
  return {
    cert: readFileSync(certificate),
    key: readFileSync(key),
    ...(clientCa === undefined ? {} : { ca: readFileSync(clientCa) }),
    ...(clientCrl === undefined ? {} : { crl: readFileSync(clientCrl) }),
    ciphers: `TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:${ciphers}`,
    minVersion: `TLSv${minVersion}`,
    maxVersion: "TLSv1.3",
  };
}

/** Equal while the authorities of client certificates, and what they have revoked, are the same. */
export function clientAuthority(config: TlsConfig | undefined): string {
  const files = [config?.clientCa, config?.clientCrl].filter((file) => file !== undefined);
  if (files.length === 0) return "";
  const digest = createHash("sha256");
  for (const file of files) digest.update(readFileSync(file));
  return digest.digest("base64url");
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
