/** The other ways to a gateway: browsers' transports, @grpc/grpc-js, TLS. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { credentials } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { SubscriptionServiceClient } from "../src/grpc-js.ts";
import {
  Client,
  StartPosition,
  SubscribeRequestSchema,
  type SubscribeResponse,
  SubscriptionService,
} from "../src/index.ts";
import { Client as WebClient } from "../src/web.ts";
import { brief, collect } from "./collect.ts";
import { gateway } from "./gateway.ts";

describe.each(["connect", "grpc-web"] as const)("the client for browsers over %s", (protocol) => {
  it("subscribes, calls, and gets reasons", async () => {
    const { url, post } = await gateway();
    const client = new WebClient({ url, protocol });
    await post("1 ringing", "1 connected");
    expect((await collect(client.subscribe({ start: StartPosition.EARLIEST }), 2)).map(brief)).toEqual([1, 2]);
    expect((await client.getLogInfo()).eventCount).toBe(2n);
    const refused = client.subscribe({ start: { afterCursor: "00000000-1" } }).run(() => {});
    await expect(refused).rejects.toMatchObject({ code: "FAILED_PRECONDITION", reason: "EPOCH_MISMATCH" });
    await client.close();
  });
});

it("services for @grpc/grpc-js are those of the gateway", async () => {
  const { url, post } = await gateway();
  await post("1 ringing");
  const client = new SubscriptionServiceClient(new URL(url).host, credentials.createInsecure());
  onTestFinished(() => client.close());
  const request = create(SubscribeRequestSchema, { position: { case: "start", value: StartPosition.EARLIEST } });
  const stream = client.subscribe!(request) as AsyncIterable<SubscribeResponse> & { cancel(): void };
  for await (const { events } of stream) {
    if (events.length === 0) continue;
    expect(events[0]!.payload).toMatchObject({ case: "call", value: { callId: "1" } });
    break;
  }
  stream.cancel();
});

it("TLS trusts the authority it is given, presents the client's certificate, and else refuses", async () => {
  const folder = mkdtempSync(join(tmpdir(), "callwire-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const openssl = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost";
  const names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"];
  execFileSync("openssl", [...openssl.split(" "), ...names], { cwd: folder, stdio: "ignore" });
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(join(folder, name)));
  const server = createSecureServer(
    { key: key!, cert: cert!, ca: cert!, requestCert: true, rejectUnauthorized: true },
    connectNodeAdapter({
      routes: (router) => router.service(SubscriptionService, { getLogInfo: () => ({ epoch: "0a1b2c3d" }) }),
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const known = new Client({ url, tls: { ca: cert, cert, key } });
  const unknown = new Client({ url, retry: { maxAttempts: 0 } });
  onTestFinished(async () => {
    await Promise.all([known.close(), unknown.close()]);
    server.close();
  });
  expect((await known.getLogInfo()).epoch).toBe("0a1b2c3d");
  await expect(unknown.getLogInfo()).rejects.toThrow("self-signed certificate");
});
