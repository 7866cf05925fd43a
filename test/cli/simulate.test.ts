import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

let server: Server;
let url: string;
let bodies: [path: string, body: string][];
let status: number;

beforeEach(async () => {
  bodies = [];
  status = 200;
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (text) => {
      body += text;
    });
    request.on("end", () => {
      if (request.method === "POST") bodies.push([request.url ?? "", body]);
      response.writeHead(request.method === "POST" ? status : 200, { "content-type": "application/json" });
      response.end(JSON.stringify({ accepted: 1, duplicates: 0, rejected: 0, message: "No such source." }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

const args = ["simulate", "--calls", "5", "--rate", "0", "--seed", "7", "--json"];

test("simulate posts whole calls and prints the totals", async () => {
  const { code, stdout, stderr } = await runCli([...args, "--gateway", url, "--tenant", "acme"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const totals = JSON.parse(stdout) as { posted: number; accepted: number; failed: number };
  expect(totals).toMatchObject({ posted: bodies.length, accepted: bodies.length, failed: 0 });
  expect(bodies.length).toBeGreaterThan(5);
  expect(new Set(bodies.map(([path]) => path.replace(/ccai.*/, "")))).toEqual(new Set(["/webhooks/acme/"]));
});

test("the same seed posts the same bodies", async () => {
  await runCli([...args, "--gateway", url]);
  const first = bodies.map(([, body]) => body).sort();
  bodies = [];
  await runCli([...args, "--gateway", url]);
  expect(bodies.map(([, body]) => body).sort()).toEqual(first);
});

test("simulate fails when posts fail, and says why", async () => {
  status = 404;
  const { code, stderr } = await runCli([...args, "--gateway", url]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^callwire: \d+ posts failed; the first answer was 404 No such source\.\n$/);
});

test("simulate says at once that no gateway is there", async () => {
  const { code, stderr } = await runCli([...args, "--gateway", "http://127.0.0.1:1"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^callwire: cannot reach .*callwire serve.*\n$/);
});
