/** Credentials that end while streams are open: revoked, expired, taken back. The streams end within seconds, and nothing new begins. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, type Caller, callerWith, reasonOf, subscribed } from "../interop/caller.ts";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";
import { Authority } from "./certificates.ts";

const folder = mkdtempSync(join(tmpdir(), "callwire-ending-"));
const authority = new Authority(folder);
const operatorKey = "operator-0123456789abcdef";
let running: RunningGateway;
let url: string;
let operator: Caller;
let sign: (expiresMs: number) => Promise<string>;
const callers: Caller[] = [];

beforeAll(async () => {
  for (const name of ["server", "vendor", "other", "brief"]) authority.issue(name);
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwks = join(folder, "jwks.json");
  writeFileSync(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: "ES256" }] }));
  sign = (expiresMs) =>
    new SignJWT({ iss: "https://idp.example", aud: "callwire", sub: "wallboard" })
      .setProtectedHeader({ alg: "ES256" })
      .setExpirationTime(new Date(expiresMs))
      .sign(privateKey);
  const path = (name: string): string => authority.path(name);
  running = await runningGateway(
    `
tls: {certificate: ${path("server.pem")}, key: ${path("server.key")}, client_ca: ${path("ca.pem")}, client_crl: ${path("revoked.pem")}}
tenants: [{id: acme, sources: [{id: ccai}]}]
credentials:
  - {id: vendor, certificate: {common_name: vendor}}
  - {id: other, certificate: {common_name: other}}
  - {id: brief, certificate: {common_name: brief}}
  - {id: operator, api_key: {env: OPERATOR}, permissions: [subscribe, publish, observe, admin]}
tokens: [{id: idp, issuer: "https://idp.example", audience: callwire, jwks: {file: ${jwks}}, clock_skew: 0s, permissions: [subscribe, publish, observe]}]
`,
    { OPERATOR: operatorKey },
  );
  url = running.gateway.url;
  operator = withHeaders(bearer(operatorKey));
});
afterAll(async () => {
  for (const caller of callers) caller.close();
  await running.dispose();
  rmSync(folder, { recursive: true });
});

function withHeaders(headers: Record<string, string>, identity: object = {}): Caller {
  const caller = callerWith(url, headers, { ca: authority.identity("server").ca, ...identity });
  callers.push(caller);
  return caller;
}

const withCertificate = (name: string): Caller => withHeaders({}, authority.identity(name));

/** How every kind of stream of a caller ends. */
function endings({ subscriptions, calls, ingest }: Caller): Promise<string[]> {
  const never = (async function* () {
    await new Promise(() => {});
    yield {};
  })();
  return Promise.all([
    reasonOf(subscriptions.subscribe({})),
    reasonOf(calls.watchCalls({})),
    reasonOf(ingest.publishStream(never)),
  ]);
}

const ended = ["CREDENTIAL_ENDED", "CREDENTIAL_ENDED", "CREDENTIAL_ENDED"];

describe("a client certificate", () => {
  it("that is revoked ends with its streams; others come back", async () => {
    const [vendor, other] = [withCertificate("vendor"), withCertificate("other")];
    const streams = await Promise.all([subscribed(vendor), subscribed(other)]);
    authority.revoke("vendor");
    authority.tellRevoked();
    expect(await Promise.all(streams.map(({ end }) => end))).toEqual(["POLICY_CHANGED", "POLICY_CHANGED"]);
    // Neither on the connection that it has, nor on another.
    expect(await reasonOf(vendor.subscriptions.getLogInfo({}))).toBe("UNAUTHENTICATED");
    expect(await reasonOf(withCertificate("vendor").subscriptions.getLogInfo({}))).toBe("UNAUTHENTICATED");
    expect(await reasonOf(withCertificate("other").subscriptions.getLogInfo({}))).toBe("OK");
  });

  it("that expires ends its streams", async () => {
    authority.issue("brief", new Date(Date.now() + 5_000));
    const brief = withCertificate("brief");
    expect(await reasonOf(brief.subscriptions.subscribe({}))).toBe("CREDENTIAL_ENDED");
    expect(await reasonOf(brief.subscriptions.getLogInfo({}))).toBe("UNAUTHENTICATED");
  });
});

describe("a token", () => {
  it("that expires ends its streams of every kind", async () => {
    const holder = withHeaders(bearer(await sign(Date.now() + 5_000)));
    expect(await endings(holder)).toEqual(ended);
    expect(await reasonOf(holder.subscriptions.getLogInfo({}))).toBe("UNAUTHENTICATED");
  });
});

describe("an API key", () => {
  const permissions = ["subscribe", "publish", "observe"];

  it("that expires ends its streams of every kind", async () => {
    const expireTime = timestampFromMs(Date.now() + 5_000);
    const { secret } = await operator.admin.createApiKey({ key: { name: "brief", permissions, expireTime } });
    expect(await endings(withHeaders(bearer(secret)))).toEqual(ended);
  });

  it("that is revoked ends its streams of every kind", async () => {
    const { secret, key } = await operator.admin.createApiKey({ key: { name: "vendor", permissions } });
    const holder = withHeaders(bearer(secret));
    const open = endings(holder);
    expect(await reasonOf(holder.subscriptions.getLogInfo({}))).toBe("OK");
    await operator.admin.revokeApiKey({ id: key!.id });
    expect(await open).toEqual(ended);
  });
});
