/** TLS on the one port: ALPN, client certificates, and certificates that change. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { bearer, callerWith, reasonOf, subscribed } from "./caller.ts";
import { type RunningGateway, runningGateway } from "./running-gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "callwire-tls-"));
const path = (name: string): string => join(folder, name);
const openssl = (...args: string[]): Buffer => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });

function authority(): void {
  openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ca.key",
    "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "2"); // biome-ignore format: one command
}

function issue(name: string, subject: string, alternative: string): void {
  openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", `${name}.key`,
    "-out", `${name}.csr`, "-subj", subject, "-addext", `subjectAltName=${alternative}`); // biome-ignore format: one command
  openssl("x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
    "-copy_extensions", "copy", "-out", `${name}.pem`); // biome-ignore format: one command
}

let running: RunningGateway;
let url: string;
beforeAll(async () => {
  authority();
  issue("server", "/CN=localhost", "DNS:localhost,IP:127.0.0.1");
  issue("vendor", "/CN=vendor", "DNS:vendor.example");
  issue("stranger", "/CN=stranger", "DNS:stranger.example");
  running = await runningGateway(
    `
tls: {certificate: ${path("server.pem")}, key: ${path("server.key")}, client_ca: ${path("ca.pem")}}
credentials:
  - {id: by-name, certificate: {common_name: vendor}}
  - {id: by-key, api_key: {env: KEY}}
`,
    { KEY: "0123456789abcdef" },
  );
  url = running.gateway.url;
});
afterAll(async () => {
  await running.dispose();
  rmSync(folder, { recursive: true });
});

const ca = (): Buffer => readFileSync(path("ca.pem"));
const identity = (name: string): object => ({
  ca: ca(),
  cert: readFileSync(path(`${name}.pem`)),
  key: readFileSync(path(`${name}.key`)),
});

it("serves gRPC and plain HTTP, chosen by ALPN", async () => {
  expect(url).toMatch(/^https:/);
  const caller = callerWith(url, bearer("0123456789abcdef"), { ca: ca() });
  expect(await reasonOf(caller.subscriptions.getLogInfo({}))).toBe("OK");
  caller.close();
  const status = await new Promise((resolve, reject) => {
    request(new URL("/healthz", url), { ca: ca() }, (response) => {
      resolve([response.statusCode, response.httpVersion, response.headers["strict-transport-security"]]);
      response.resume();
    })
      .on("error", reject)
      .end();
  });
  expect(status).toEqual([200, "1.1", "max-age=31536000"]);
});

describe("a client certificate", () => {
  it("is a credential when one names it, and none otherwise", async () => {
    const outcome = async (name: string): Promise<string> => {
      const caller = callerWith(url, {}, identity(name));
      const reason = await reasonOf(caller.subscriptions.getLogInfo({}));
      caller.close();
      return reason;
    };
    expect(await outcome("vendor")).toBe("OK");
    expect(await outcome("stranger")).toBe("UNAUTHENTICATED");
  });

  it("does not help a caller who sends a wrong key beside it", async () => {
    const caller = callerWith(url, bearer("wrong"), identity("vendor"));
    expect(await reasonOf(caller.subscriptions.getLogInfo({}))).toBe("UNAUTHENTICATED");
    caller.close();
  });
});

it("refuses TLS 1.1", async () => {
  const { hostname, port } = new URL(url);
  const failure = await new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      ca: ca(),
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.1",
    });
    socket.on("secureConnect", () => resolve("connected"));
    socket.on("error", () => resolve("refused"));
  });
  expect(failure).toBe("refused");
});

it("shows a changed certificate to the next connection, without a restart", async () => {
  const serial = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(url);
      const socket = connect({ host: hostname, port: Number(port), ca: ca() }, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.on("error", reject);
    });
  const before = await serial();
  issue("server", "/CN=localhost", "DNS:localhost,IP:127.0.0.1");
  await vi.waitFor(async () => expect(await serial()).not.toBe(before), { timeout: 120_000, interval: 200 });
});

it("a changed authority ends the streams of certificates, and no longer takes them on open connections", async () => {
  const vendor = callerWith(url, {}, identity("vendor"));
  const byKey = callerWith(url, bearer("0123456789abcdef"), { ca: ca() });
  const open = await subscribed(vendor);
  authority();
  expect(await open.end).toBe("POLICY_CHANGED");
  expect(await reasonOf(vendor.subscriptions.getLogInfo({}))).toBe("UNAUTHENTICATED");
  expect(await reasonOf(byKey.subscriptions.getLogInfo({}))).toBe("OK");
  vendor.close();
  byKey.close();
});
