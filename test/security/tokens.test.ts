/** Attacks on tokens, each with a name. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TokenRefused, Tokens } from "../../src/auth/tokens.ts";
import { noQuotas, type TokenIssuer } from "../../src/config/access.ts";

const folder = mkdtempSync(join(tmpdir(), "callwire-tokens-"));
afterAll(() => rmSync(folder, { recursive: true }));

const nowMs = Date.parse("2026-06-01T12:00:00Z");
const seconds = (offset: number): number => nowMs / 1000 + offset;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let foreign: Awaited<ReturnType<typeof generateKeyPair>>;
let issuer: TokenIssuer;

beforeAll(async () => {
  keys = await generateKeyPair("ES256", { extractable: true });
  foreign = await generateKeyPair("ES256", { extractable: true });
  const file = join(folder, "jwks.json");
  writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "ES256" }] }));
  issuer = {
    id: "idp",
    issuer: "https://idp.example",
    audience: "callwire",
    jwks: { file },
    algorithms: ["ES256"],
    clockSkewMs: 30_000,
    claims: { tenants: "t", permissions: "p", filter: "f", view: "v", mask: "m" },
    tenants: ["acme", "globex"],
    defaultTenant: undefined,
    permissions: ["subscribe", "observe"],
    filters: undefined,
    view: "full",
    mask: undefined,
    privileged: false,
    quotas: noQuotas,
  };
});

interface Given {
  claims?: Record<string, unknown>;
  key?: CryptoKey | Uint8Array;
  alg?: string;
}

function token({ claims = {}, key = keys.privateKey, alg = "ES256" }: Given = {}): Promise<string> {
  const all = { iss: "https://idp.example", aud: "callwire", sub: "qm", exp: seconds(600), ...claims };
  return new SignJWT(all).setProtectedHeader({ alg, kid: "k1" }).sign(key);
}

async function refusal(text: string, given: Partial<TokenIssuer> = {}): Promise<string> {
  try {
    await new Tokens([{ ...issuer, ...given }], {}).verify(text, nowMs);
  } catch (error) {
    expect(error).toBeInstanceOf(TokenRefused);
    return (error as Error).message;
  }
  return "accepted";
}

describe("refused", () => {
  test("alg none", async () => {
    const text = new UnsecuredJWT({ iss: "https://idp.example", aud: "callwire", sub: "x", exp: seconds(60) }).encode();
    expect(await refusal(text)).not.toBe("accepted");
  });
  test("HS256 with the public key as its secret", async () => {
    const secret = new TextEncoder().encode(await exportSPKI(keys.publicKey));
    expect(await refusal(await token({ alg: "HS256", key: secret }))).not.toBe("accepted");
  });
  test("a key of somebody else", async () =>
    expect(await refusal(await token({ key: foreign.privateKey }))).toMatch(/signature/));
  test.each([
    ["another audience", { aud: "billing" }],
    ["another issuer", { iss: "https://evil.example" }],
    ["expired beyond the skew", { exp: seconds(-31) }],
    ["not yet valid beyond the skew", { nbf: seconds(31) }],
    ["issued in the future", { iat: seconds(3_600) }],
    ["no expiry", { exp: undefined }],
    ["no subject", { sub: undefined }],
    ["a tenant that the issuer may not", { t: ["initech"] }],
    ["a mask that is not configured", { m: "none" }],
    ["a filter with an unknown field", { f: { queue: ["x"] } }],
    ["a filter without a condition", { f: {} }],
    ["a list of tenants that is none", { t: { acme: true } }],
  ])("%s", async (_, claims) => expect(await refusal(await token({ claims }))).not.toBe("accepted"));
  test.each([
    ["a key of its own in its header", async () => ({ jwk: await exportJWK(foreign.publicKey) })],
    ["a key set of its own in its header", async () => ({ jku: "https://evil.example/jwks.json" })],
    ["a kid that is a path", async () => ({ kid: "../../../../etc/passwd" })],
    ["an extension that must be understood", async () => ({ crit: ["b64"], b64: false })],
  ])("%s", async (_, header) => {
    const claims = { iss: "https://idp.example", aud: "callwire", sub: "qm", exp: seconds(600) };
    const protectedHeader = { alg: "ES256", kid: "k1", ...(await header()) };
    const signed = new SignJWT(claims).setProtectedHeader(protectedHeader).sign(foreign.privateKey);
    expect(await signed.then(refusal, () => "cannot be signed")).not.toBe("accepted");
  });
  test("a signature of another token", async () => {
    const [header, , signature] = (await token()).split(".");
    const [, payload] = (await token({ claims: { t: ["globex"], sub: "root" } })).split(".");
    expect(await refusal(`${header}.${payload}.${signature}`)).toMatch(/signature/);
  });
  test("a token of 20 KB", async () => expect(await refusal(`a.${"b".repeat(20_000)}.c`)).toContain("longer"));
  test("what is no token", async () => expect(await refusal("a.b.c")).not.toBe("accepted"));
  test("a signature cut short", async () => expect(await refusal((await token()).slice(0, -4))).not.toBe("accepted"));
});

describe("accepted", () => {
  test.each([
    ["within the skew after its end", { exp: seconds(-29) }],
    ["within the skew before its begin", { nbf: seconds(29) }],
  ])("%s", async (_, claims) => expect(await refusal(await token({ claims }))).toBe("accepted"));

  test("with claims that only narrow", async () => {
    const claims = { t: ["acme", "initech"], p: "subscribe admin", v: "basic", f: { queue_names: ["support"] } };
    const policy = await new Tokens([issuer], {}).verify(await token({ claims }), nowMs);
    expect([...policy.tenants!]).toEqual(["acme"]);
    expect([...policy.permissions]).toEqual(["subscribe"]);
    expect(policy).toMatchObject({ credential: "idp/qm", view: "basic", kind: "token" });
    expect(policy.forced?.filters).toHaveLength(1);
  });

  test("and remembered no longer than it is valid", async () => {
    const tokens = new Tokens([issuer], {});
    const text = await token({ claims: { exp: seconds(10) } });
    const policy = await tokens.verify(text, nowMs);
    expect(await tokens.verify(text, nowMs + 1_000)).toBe(policy);
    await expect(tokens.verify(text, nowMs + 41_000)).rejects.toThrow(TokenRefused);
  });
});

describe("keys from a URL", () => {
  let answer: (() => { status: number; body: string }) | undefined;
  const server = createServer((_, response) => {
    const { status, body } = answer!();
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  let url = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  afterAll(() => server.close());

  test("verify tokens; one that cannot be fetched says so and ends nothing that was verified before", async () => {
    const keySet = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "ES256" }] });
    answer = () => ({ status: 200, body: keySet });
    const tokens = new Tokens([{ ...issuer, jwks: { url } }], {});
    const text = await token();
    const policy = await tokens.verify(text, nowMs);
    expect(tokens.standing(policy, nowMs + 1_000)).toBe("same");
    answer = () => ({ status: 500, body: "" });
    expect(await tokens.verify(text, nowMs + 60_000)).toBe(policy);
    const others = new Tokens([{ ...issuer, jwks: { url } }], {});
    await expect(others.verify(text, nowMs)).rejects.toMatchObject({ reason: "ISSUER_UNREACHABLE" });
  });
});

test("a key that its issuer has withdrawn ends the tokens that it signed", async () => {
  const file = join(folder, "withdrawn.json");
  const write = async (key: CryptoKey) =>
    writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(key)), kid: "k1", alg: "ES256" }] }));
  await write(keys.publicKey);
  const config = { ...issuer, jwks: { file } };
  const before = new Tokens([config], {});
  const policy = await before.verify(await token(), nowMs);
  expect(new Tokens([config], {}, before).standing(policy, nowMs)).toBe("same");
  await write(foreign.publicKey);
  const after = new Tokens([config], {}, before);
  expect(after.standing(policy, nowMs)).toBe("changed");
  await expect(after.verify(await token(), nowMs)).rejects.toThrow(TokenRefused);
});
