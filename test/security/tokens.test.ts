/** Attacks on tokens, each with a name. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
  foreign = await generateKeyPair("ES256");
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
    ["no expiry", { exp: undefined }],
    ["no subject", { sub: undefined }],
    ["a tenant that the issuer may not", { t: ["initech"] }],
    ["a mask that is not configured", { m: "none" }],
    ["a filter with an unknown field", { f: { queue: ["x"] } }],
    ["a filter without a condition", { f: {} }],
    ["a list of tenants that is none", { t: { acme: true } }],
  ])("%s", async (_, claims) => expect(await refusal(await token({ claims }))).not.toBe("accepted"));
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
