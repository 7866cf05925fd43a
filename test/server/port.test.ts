/** Clients that send too slowly, too much, or nothing more: what a connection gets, at the real port. */
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";

const running: RunningGateway[] = [];
async function gateway(yaml: string): Promise<RunningGateway> {
  const started = await runningGateway(yaml);
  running.push(started);
  return started;
}
afterEach(async () => {
  for (const started of running.splice(0)) await started.dispose();
});

/** What a connection answers until the gateway ends it. */
async function answerTo({ gateway: { url } }: RunningGateway, ...parts: (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  for (const part of parts) socket.write(part);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const impatient = "limits: {request_timeout: 300ms}";

function post(path: string, contentType: string, length: number): string {
  return `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${contentType}\r\ncontent-length: ${length}\r\n\r\n`;
}

it("headers that do not come whole are answered with 408", async () => {
  const answer = await answerTo(await gateway(impatient), "POST /webhooks/default/ccai HTTP/1.1\r\nhost: x\r\nx-a:");
  expect(answer).toMatch(/^HTTP\/1\.1 408 .*"reason":"REQUEST_TIMEOUT"/s);
});

it.each([
  ["a unary RPC", "/callwire.v1.SubscriptionService/GetLogInfo", "application/json", 504],
  ["Subscribe", "/callwire.v1.SubscriptionService/Subscribe", "application/connect+json", 200],
])("a request of %s that does not come whole is answered with its reason", async (_, path, contentType, status) => {
  const answer = await answerTo(await gateway(impatient), post(path, contentType, 100), "{");
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(answer).toContain('"reason":"REQUEST_TIMEOUT"');
});

it("a client that sends all of a too large body before it reads gets its answer", async () => {
  const bytes = 8 * 1024 * 1024;
  const small = await gateway("limits: {max_body_bytes: 100KiB}");
  const next = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  const body = Buffer.alloc(bytes, " ");
  const answer = await answerTo(small, post("/webhooks/default/ccai", "application/json", bytes), body, next);
  expect(answer).toMatch(/^HTTP\/1\.1 413 .*"reason":"BODY_TOO_LARGE".*HTTP\/1\.1 200 .*"alive"/s);
});

it("a stop does not wait for connections that are idle", async () => {
  const patient = await gateway("limits: {shutdown_timeout: 1h}");
  const agent = new Agent({ keepAlive: true });
  const status = await new Promise((resolve, reject) => {
    const asked = httpRequest(new URL("/healthz", patient.gateway.url), { agent }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    asked.on("error", reject).end();
  });
  expect(status).toBe(200);
  await patient.gateway.close();
  agent.destroy();
});
