/** No secret leaves by any door: everything that a busy gateway writes is searched for every secret that it was given. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, expect, it } from "vitest";
import { bearer, callerWith, reasonOf } from "../interop/caller.ts";
import { leaks } from "./leaks.ts";

const folder = mkdtempSync(join(tmpdir(), "callwire-secrets-"));
afterAll(() => rmSync(folder, { recursive: true }));
const executable = join(import.meta.dirname, "../../bin/callwire.js");

const secrets = {
  OPERATOR: "operator-secret-8f2e1d0c9b8a7f6e",
  OLD_KEY: "old-secret-1a2b3c4d5e6f7a8b9c0d",
  HASH: "hash-secret-0123456789abcdef0123456789",
  PASSWORD: "password-secret-5d4c3b2a1f0e",
  TOKEN: "token-secret-77665544332211",
  SIGNATURE: `whsec_${Buffer.from("signature-secret-of-32-bytes-00").toString("base64")}`,
};

const yaml = `
data_dir: ${join(folder, "data")}
log: {level: trace, format: json}
audit: {receipts: true}
tenants:
  - id: acme
    sources:
      - {id: ccai, auth: {basic: {username: ccai, password: {env: PASSWORD}}, bearer: {token: {env: TOKEN}}}}
      - {id: signed, auth: {hmac: {scheme: standard-webhooks, secret: {env: SIGNATURE}}}}
masks: {vendor: {personal: hash, sensitive: drop, hash_key: {env: HASH}}}
credentials:
  - {id: operator-that-is-found, api_key: {env: OPERATOR}, permissions: [subscribe, publish, observe, admin]}
  - {id: old, api_key: {file: ${join(folder, "old.key")}}, mask: vendor}
tokens: [{id: idp, issuer: "https://idp.example", audience: callwire, jwks: {file: ${join(folder, "jwks.json")}}}]
`;

/** Everything that a file or folder holds. */
function contentOf(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

it("not in the log at its most talkative, the audit log, errors, metrics, printed configuration, data folder, nor a crash", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  writeFileSync(
    join(folder, "jwks.json"),
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: "ES256" }] }),
  );
  writeFileSync(join(folder, "old.key"), `${secrets.OLD_KEY}\n`, { mode: 0o644 });
  const config = join(folder, "callwire.yaml");
  writeFileSync(config, yaml);
  const env = { ...process.env, ...secrets };
  const gateway = spawn(executable, ["serve", "--config", config, "--listen", "127.0.0.1:0"], { env });
  let written = "";
  const ready = Promise.withResolvers<string>();
  for (const output of [gateway.stdout, gateway.stderr]) {
    output.on("data", (chunk) => {
      written += String(chunk);
      const url = /"url":"([^"]+)".*"ready"/.exec(written)?.[1];
      if (url !== undefined) ready.resolve(url);
    });
  }
  const url = await ready.promise;
  const token = await new SignJWT({ iss: "https://idp.example", aud: "callwire", sub: "x" })
    .setProtectedHeader({ alg: "ES256" })
    .setExpirationTime("1h")
    .sign(privateKey);
  const operator = callerWith(url, bearer(secrets.OPERATOR));
  const { secret: made } = await operator.admin.createApiKey({ key: { name: "made", permissions: ["subscribe"] } });
  for (const key of [secrets.OPERATOR, secrets.OLD_KEY, token, made, `${made}x`, `${secrets.OPERATOR}x`, `${token}x`]) {
    const caller = callerWith(url, bearer(key));
    written += await reasonOf(caller.subscriptions.listEvents({ filters: { a: { callIds: ["c1"] } } }));
    written += await reasonOf(caller.subscriptions.subscribe({ end: { case: "endTime", value: { seconds: 1n } } }));
    written += await reasonOf(caller.subscriptions.listEvents({ pageToken: key }));
    caller.close();
  }
  const item = JSON.stringify({ type: "CallState", item: { CallID: "call-that-is-found", State: "ringing" } });
  for (const [source, authorization] of [
    ["ccai", `Basic ${Buffer.from(`ccai:${secrets.PASSWORD}`).toString("base64")}`],
    ["ccai", `Basic ${Buffer.from(`ccai:${secrets.PASSWORD}x`).toString("base64")}`],
    ["ccai", `Bearer ${secrets.TOKEN}`],
    ["signed", `Bearer ${secrets.SIGNATURE}`],
  ] as const) {
    const answer = await fetch(`${url}/webhooks/acme/${source}`, {
      method: "POST",
      headers: { authorization },
      body: item,
    });
    written += await answer.text();
  }
  written += await (await fetch(`${url}/metrics`, { headers: bearer(secrets.OPERATOR) })).text();
  writeFileSync(config, yaml.replace("level: trace", "level: nonsense"));
  await expect.poll(() => written, { timeout: 10_000 }).toContain("cannot be used");
  operator.close();
  writeFileSync(config, yaml);
  written += execFileSync(executable, ["config", "print", "--config", config], { env, encoding: "utf8" });
  const ended = once(gateway, "exit");
  gateway.kill("SIGTERM");
  await ended;
  // A start that fails tells why.
  const crash = spawn(executable, ["serve", "--config", config, "--listen", "999.0.0.1:1"], { env });
  for (const output of [crash.stdout, crash.stderr]) output.on("data", (chunk) => (written += String(chunk)));
  await once(crash, "exit");
  expect(written).toContain("UNAUTHENTICATED");
  expect(written).toContain("callwire_log_head_offset");
  const kept = contentOf(join(folder, "data"));
  const all = { ...secrets, TOKEN_OF_ISSUER: token, MADE_KEY: made };
  expect({ said: leaks(written, all), kept: leaks(kept, all) }).toEqual({ said: [], kept: [] });
  // What is searched is what was written: there, what is no secret is found.
  const known = { operator: "operator-that-is-found", call: "call-that-is-found" };
  expect({ said: leaks(written, known), kept: leaks(kept, known) }).toEqual({
    said: ["operator"],
    kept: ["operator", "call"],
  });
}, 60_000);

it.each(Object.entries(secrets))("the search finds %s, wherever and however it is planted", (name, secret) => {
  const noise = "a line of a log that says nothing\n".repeat(1_000);
  const bytes = Buffer.from(secret);
  const planted = [
    secret,
    bytes.toString("hex"),
    bytes.toString("base64"),
    encodeURIComponent(secret),
    JSON.stringify({ err: { message: `refused: ${secret}` } }),
    `Basic ${Buffer.from(`user:${secret}`).toString("base64")}`,
    `Basic ${Buffer.from(`users:${secret}!`).toString("base64url")}`,
    `Basic ${Buffer.from(`a user:${secret}`).toString("base64")}`,
  ];
  for (const form of planted) expect(leaks(`${noise}${form}${noise}`, secrets)).toContain(name);
  expect(leaks(noise, secrets)).toEqual([]);
});
