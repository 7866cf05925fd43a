/** What a webhook answers, case by case, at the real port. */
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";

const yaml = `
tenants:
  - id: acme
    sources:
      - {id: qm, auth: {basic: {username: u, password: {env: PASSWORD}}}}
      - {id: lenient, on_quarantine: accept}
  - {id: other, sources: [{id: qm}]}
limits: {request_timeout: 300ms, max_body_bytes: 100KiB, max_json_depth: 8}
`;

let running: RunningGateway;
beforeAll(async () => {
  running = await runningGateway(yaml, { PASSWORD: "secret" });
});
afterAll(() => running.dispose());

const event = '{"type":"CallState","item":{"CallID":"c1","State":"connected"}}';
const authorization = `Basic ${Buffer.from("u:secret").toString("base64")}`;
const json = { "content-type": "application/json" };

interface Case {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  status: number;
  answer: object;
}

const taken = { accepted: 1, duplicates: 0, rejected: 0, rejections: [] };
const refused = (reason: string) => ({ reason, code: expect.any(String), message: expect.any(String) });
const notEvent = { index: 1, reason: "NOT_AN_EVENT", message: expect.any(String) };

const cases: Record<string, Case> = {
  "an event": { status: 200, answer: { ...taken, cursors: [expect.stringMatching(/^[0-9a-f]{8}-\d+$/)] } },
  "an event with a charset": {
    headers: { "content-type": "application/json; charset=utf-8" },
    status: 200,
    answer: taken,
  },
  "an event behind a byte order mark": { body: `\ufeff${event}`, status: 200, answer: taken },
  "a zipped event": {
    headers: { ...json, "content-encoding": "gzip" },
    body: gzipSync(event),
    status: 200,
    answer: taken,
  },
  "a batch with good and bad items": {
    body: `[${event},{"x":1},${event}]`,
    status: 200,
    answer: { accepted: 2, rejected: 1, cursors: [expect.any(String), expect.any(String)], rejections: [notEvent] },
  },
  "a repeated event_id": {
    body: '[{"event_id":"e","call_id":"1"},{"event_id":"e","call_id":"1"}]',
    status: 200,
    answer: { accepted: 1, duplicates: 1 },
  },
  "nothing good": { body: '{"x":1}', status: 400, answer: refused("NOT_AN_EVENT") },
  "nothing good, to a lenient source": {
    path: "/webhooks/acme/lenient",
    body: '{"x":1}',
    status: 200,
    answer: { accepted: 0, rejected: 1, cursors: [] },
  },
  "an empty body": { body: "", status: 400, answer: refused("MALFORMED_JSON") },
  "an empty batch": { body: "[]", status: 400, answer: refused("NO_EVENT") },
  "broken JSON": { body: `${event}}`, status: 400, answer: refused("MALFORMED_JSON") },
  "broken UTF-8": { body: Uint8Array.of(0x22, 0xff, 0x22), status: 400, answer: refused("INVALID_UTF8") },
  "a document too deep": { body: "[".repeat(9) + "]".repeat(9), status: 400, answer: refused("TOO_DEEP") },
  "a body too large": { body: " ".repeat(200_000), status: 413, answer: refused("BODY_TOO_LARGE") },
  "a zipped body too large": {
    headers: { ...json, "content-encoding": "gzip" },
    body: gzipSync(" ".repeat(200_000)),
    status: 413,
    answer: refused("BODY_TOO_LARGE"),
  },
  "a content type that a web page may send": {
    headers: { "content-type": "text/plain" },
    status: 415,
    answer: refused("UNSUPPORTED_MEDIA_TYPE"),
  },
  "an encoding that is not taken": {
    headers: { ...json, "content-encoding": "br" },
    status: 415,
    answer: refused("UNSUPPORTED_MEDIA_TYPE"),
  },
  "PUT without a credential": { method: "PUT", status: 405, answer: refused("METHOD_NOT_ALLOWED") },
  "PUT with a credential": {
    path: "/webhooks/acme/qm",
    method: "PUT",
    headers: { authorization },
    status: 200,
    answer: taken,
  },
  "any content type with a credential": {
    path: "/webhooks/acme/qm",
    headers: { authorization, "content-type": "text/plain" },
    status: 200,
    answer: taken,
  },
  "no credential": { path: "/webhooks/acme/qm", status: 401, answer: refused("UNAUTHENTICATED") },
  "a wrong credential": {
    path: "/webhooks/acme/qm",
    headers: { authorization: `Basic ${Buffer.from("u:wrong").toString("base64")}` },
    status: 401,
    answer: refused("UNAUTHENTICATED"),
  },
  "a source that does not exist, where some have credentials": {
    path: "/webhooks/acme/nope",
    status: 401,
    answer: refused("UNAUTHENTICATED"),
  },
};

describe("a webhook answers", () => {
  for (const [title, given] of Object.entries(cases)) {
    it(title, async () => {
      const { path = "/webhooks/other/qm", method = "POST", headers = json, body = event } = given;
      const response = await running.post(body, { path, method, headers });
      expect(await response.json()).toMatchObject(given.answer);
      expect(response.status).toBe(given.status);
    });
  }

  it("a path that does not exist with 404, where no source has a credential", async () => {
    const open = await runningGateway();
    const unknown = ["/webhooks/default/nope", "/webhooks/nope/ccai"].map((path) => open.post(event, { path }));
    const answers = await Promise.all(unknown);
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(await answers[0]!.json()).toMatchObject(refused("UNKNOWN_SOURCE"));
    expect(await answers[1]!.json()).toMatchObject(refused("UNKNOWN_TENANT"));
    await open.dispose();
  });

  it.each([
    ["/webhooks/acme/lenient", {}, "POST"],
    ["/webhooks/acme/qm", { authorization }, "POST, PUT"],
  ])("another method with those that it takes: %s", async (path, headers, allowed) => {
    const response = await running.post(event, { path, method: "DELETE", headers });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allowed);
  });

  it("a body that does not come with 408, and closes the connection", async () => {
    const { hostname, port } = new URL(running.gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      "POST /webhooks/other/qm HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
    );
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 408 .*"reason":"REQUEST_TIMEOUT"/s);
  });

  it("the next request after one that was cut off", async () => {
    const { hostname, port } = new URL(running.gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      "POST /webhooks/other/qm HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
    );
    socket.destroy();
    expect((await running.post(event, { path: "/webhooks/other/qm" })).status).toBe(200);
  });
});
