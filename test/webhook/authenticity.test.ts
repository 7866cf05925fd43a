/** Whether a webhook comes from its source, tried from outside on a real gateway. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addressList, includes, senderOf } from "../../src/webhook/addresses.ts";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";

const secret = Buffer.from("0123456789abcdef01234567").toString("base64");
const env = {
  PASSWORD: "hunter2",
  NEXT: "hunter3",
  TOKEN: "token-1",
  WHSEC: `whsec_${secret}`,
  OLDSEC: `whsec_${Buffer.from("another-secret-of-24-bytes").toString("base64")}`,
  CUSTOM: "custom-secret",
};
const yaml = `
tenants:
  - id: default
    quotas: {webhook_requests_per_second: 1000}
    sources:
      - {id: basic, auth: {basic: {username: ccai, password: [{env: PASSWORD}, {env: NEXT}]}}}
      - {id: bearer, auth: {bearer: {token: {env: TOKEN}}}}
      - {id: standard, auth: {hmac: {scheme: standard-webhooks, secret: [{env: OLDSEC}, {env: WHSEC}]}}}
      - {id: custom, auth: {hmac: {scheme: custom, secret: {env: CUSTOM}, header: X-Signature, prefix: "sha256=", timestamp_header: X-Time}}}
      - {id: elsewhere, auth: {bearer: {token: {env: TOKEN}}}, allow_addresses: [192.0.2.0/24]}
  - id: slow
    quotas: {webhook_requests_per_second: 1}
    sources: [{id: bearer, auth: {bearer: {token: {env: TOKEN}}}}]
trusted_proxies: [127.0.0.1]
`;

let running: RunningGateway;
beforeAll(async () => {
  running = await runningGateway(yaml, env);
});
afterAll(() => running.dispose());

let call = 0;
const body = (): string => JSON.stringify({ type: "CallState", item: { CallID: `c-${++call}`, State: "ringing" } });
const post = (source: string, headers: Record<string, string>, text = body(), tenant = "default"): Promise<Response> =>
  running.post(text, { path: `/webhooks/${tenant}/${source}`, headers });
const basic = (password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`ccai:${password}`).toString("base64")}`,
});

function standard(text: string, { id = "msg-1", at = Date.now(), key = secret } = {}): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const digest = createHmac("sha256", Buffer.from(key, "base64")).update(`${id}.${timestamp}.${text}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,AAAA v1,${digest}` };
}

describe("HTTP basic and bearer", () => {
  it("take both secrets while they are exchanged, and no other", async () => {
    expect((await post("basic", basic("hunter2"))).status).toBe(200);
    expect((await post("basic", basic("hunter3"))).status).toBe(200);
    expect((await post("basic", basic("hunter4"))).status).toBe(401);
    expect((await post("basic", {})).status).toBe(401);
    expect((await post("bearer", { authorization: "Bearer token-1" })).status).toBe(200);
    expect((await post("bearer", { authorization: "Bearer token-2" })).status).toBe(401);
  });

  it("answer a path that does not exist as a wrong secret", async () => {
    for (const source of ["nobody", "..%2f..%2fetc", "basic%00"]) {
      expect((await post(source, basic("hunter2"))).status, source).toBe(401);
    }
  });
});

describe("signatures", () => {
  it("by Standard Webhooks", async () => {
    const text = body();
    expect((await post("standard", standard(text), text)).status).toBe(200);
    expect((await post("standard", standard(text), `${text} `)).status).toBe(401);
    expect((await post("standard", standard(text, { at: Date.now() - 400_000 }), text)).status).toBe(401);
    expect((await post("standard", standard(text, { at: Date.now() + 400_000 }), text)).status).toBe(401);
    expect((await post("standard", standard(text, { key: "c2VjcmV0" }), text)).status).toBe(401);
    expect((await post("standard", {}, text)).status).toBe(401);
  });

  it("a delivery that is repeated, by its sender or by a thief, stores nothing and is told the first one's cursor", async () => {
    const text = body();
    const headers = standard(text, { id: "msg-2" });
    const first = (await (await post("standard", headers, text)).json()) as { cursors: string[] };
    const again = await (await post("standard", headers, text)).json();
    expect(again).toMatchObject({ accepted: 0, duplicates: 1, cursors: first.cursors });
    const later = await (await post("standard", standard(text, { id: "msg-2", at: Date.now() + 2_000 }), text)).json();
    expect(later).toMatchObject({ accepted: 0, duplicates: 1, cursors: first.cursors });
    const other = (await (await post("standard", standard(text, { id: "msg-3" }), text)).json()) as typeof first;
    expect(other.cursors).not.toEqual(first.cursors);
  });

  it("by a scheme of the source's own", async () => {
    const text = body();
    const time = String(Date.now());
    const digest = createHmac("sha256", env.CUSTOM).update(`${time}.${text}`).digest("hex");
    const headers = { "x-signature": `sha256=${digest}`, "x-time": time };
    expect((await post("custom", headers, text)).status).toBe(200);
    expect((await post("custom", { ...headers, "x-time": String(Date.now() + 1) }, text)).status).toBe(401);
    expect((await post("custom", { ...headers, "x-signature": digest }, text)).status).toBe(401);
  });
});

describe("addresses", () => {
  it("are those of the sender, as trusted proxies tell them", async () => {
    const token = { authorization: "Bearer token-1" };
    expect((await post("elsewhere", token)).status).toBe(401);
    expect((await post("elsewhere", { ...token, "x-forwarded-for": "192.0.2.9" })).status).toBe(200);
    expect((await post("elsewhere", { ...token, "x-forwarded-for": "192.0.2.9, 198.51.100.1" })).status).toBe(401);
  });

  it("further left than the first untrusted one are anybody's word", () => {
    const trusted = addressList(["10.0.0.0/8", "2001:db8::/32"]);
    expect(senderOf("10.1.1.1", "192.0.2.1, 198.51.100.7, 10.2.2.2", trusted)).toBe("198.51.100.7");
    expect(senderOf("::ffff:10.1.1.1", "2001:db8::5", trusted)).toBe("2001:db8::5");
    expect(senderOf("203.0.113.5", "192.0.2.1", trusted)).toBe("203.0.113.5");
    expect(senderOf("10.1.1.1", "not an address", trusted)).toBe("10.1.1.1");
    expect(includes(trusted, "::ffff:10.9.9.9")).toBe(true);
  });
});

it("a tenant's webhook quota is 429 with Retry-After, and another tenant's business goes on", async () => {
  const token = { authorization: "Bearer token-1" };
  const answers = await Promise.all([1, 2, 3].map(() => post("bearer", token, body(), "slow")));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(1);
  expect(Number(refused[0]!.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect((await post("bearer", token)).status).toBe(200);
});
