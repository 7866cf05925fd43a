/** The packed TypeScript client in a real browser, against a real gateway behind a proxy that cuts. */
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseFault, startTestGateway, type TestGateway } from "../../src/testkit/testkit.ts";
import { bundle } from "./packed-client.ts";

const names = ["chromium", "chromium-browser", "google-chrome"];
const executable = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find(existsSync);

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const events = 300;
const setupMs = 120_000;

interface Told {
  offsets: number[];
  statuses: string[];
  outcome: string;
}

/** A page on localhost, which a gateway without credentials lets in. */
async function serve(script: string): Promise<{ server: Server; url: string }> {
  const server = createServer(({ url }, response) => {
    const isScript = url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function liveSubscriptions({ directUrl }: TestGateway): Promise<string | undefined> {
  const metrics = await (await fetch(`${directUrl}/metrics`)).text();
  return /^callwire_subscriptions_live\S* (\d+)$/m.exec(metrics)?.[1];
}

describe.skipIf(executable === undefined)("a browser (skipped where there is no Chromium)", () => {
  const profile = mkdtempSync(join(tmpdir(), "callwire-browser-"));
  let site: Server;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    const { server, url } = await serve(await bundle(join(import.meta.dirname, "browser-page.js")));
    site = server;
    context = await chromium.launchPersistentContext(profile, { executablePath: executable!, args: flags });
    page = await context.newPage();
    await page.goto(url);
    await page.waitForFunction("window.readAndCancel !== undefined");
  }, setupMs);

  afterAll(async () => {
    await context?.close();
    site?.close();
    rmSync(profile, { recursive: true, force: true });
  });

  test.for(["connect", "grpc-web"])("over %s resumes after cuts, and cancels", async (protocol) => {
    const faults = ["reset@bytes:9000", "cut@bytes:9000"].map(parseFault);
    await using gateway = await startTestGateway({ faults });
    await gateway.publish(Array.from({ length: events }, (_, index) => ({ call_id: `c${index}`, state: "ringing" })));

    const given = JSON.stringify({ url: gateway.url, protocol, events });
    const told = (await page.evaluate(`window.readAndCancel(${given})`)) as Told;

    expect(told.offsets).toEqual(Array.from({ length: events }, (_, index) => index + 1));
    expect(told.statuses.filter((kind) => kind === "reconnecting").length).toBeGreaterThanOrEqual(faults.length);
    expect(told.outcome).toBe("CANCELLED");
    await vi.waitFor(async () => expect(await liveSubscriptions(gateway)).toBe("0"), { timeout: 10_000 });
  });
});
