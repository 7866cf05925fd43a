/** The gateway's HTTP/2 as h2spec, an independent conformance test of RFC 9113 and RFC 7541, sees it. */
import { execFile, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { runningGateway } from "./running-gateway.ts";

const hasH2spec = spawnSync("h2spec", ["--version"]).error === undefined;

/** h2spec takes any connection for HTTP/2; on this port one that begins otherwise is HTTP/1.1, and is told so. */
const answeredOverHttp1 = "Sends invalid connection preface";

function h2spec(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile("h2spec", args, (_, stdout) => resolve(stdout));
  });
}

test.skipIf(!hasH2spec)(
  "h2spec finds nothing wrong (skipped where it is not installed)",
  async () => {
    const { gateway, dispose } = await runningGateway();
    try {
      const { hostname, port } = new URL(gateway.url);
      const report = await h2spec("-h", hostname, "-p", port, "--path", "/healthz", "--timeout", "5");
      const failed = new Set([...report.matchAll(/× \d+: (.+)/g)].map(([, title]) => title));
      expect([...failed], report).toEqual([answeredOverHttp1]);
      expect(report).toMatch(/\b145 tests, 144 passed, 0 skipped, 1 failed/);
    } finally {
      await dispose();
    }
  },
  60_000,
);
