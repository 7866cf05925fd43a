/** The gateway's HTTP/2 as h2spec, an independent conformance test of RFC 9113 and RFC 7541, sees it. */
import { execFile, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { defaultLimits } from "../../src/config/limits.ts";
import { openPort } from "../../src/server/port.ts";

const hasH2spec = spawnSync("h2spec", ["--version"]).error === undefined;

/** h2spec takes any connection for HTTP/2; on this port one that begins otherwise is HTTP/1.1, and is told so. */
const answeredOverHttp1 = "Sends invalid connection preface";

/**
 * Some cases try what may not be done to a stream that is open, others read an answer to its end: each has to pass with one
 * of these, the first of which is over at once while the second has more than a client's windows let out.
 */
const answers = [Buffer.alloc(16), Buffer.alloc(256 * 1024)];

function h2spec(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile("h2spec", args, (_, stdout) => resolve(stdout));
  });
}

/** The cases that fail. */
async function failing(answer: Buffer): Promise<Set<string>> {
  const { address, close } = await openPort(
    { host: "127.0.0.1", port: 0 },
    (request, response) => void request.resume().on("end", () => response.end(answer)),
    defaultLimits,
  );
  try {
    const report = await h2spec("-h", address.host, "-p", String(address.port), "--timeout", "5");
    expect(report).toMatch(/^145 tests, \d+ passed, 0 skipped/m);
    return new Set([...report.matchAll(/× \d+: (.+)/g)].map(([, title]) => title!));
  } finally {
    await close(0);
  }
}

test.skipIf(!hasH2spec)(
  "h2spec finds nothing wrong (skipped where it is not installed)",
  async () => {
    const [first, second] = await Promise.all(answers.map(failing));
    expect([...first!].filter((title) => second!.has(title))).toEqual([answeredOverHttp1]);
  },
  60_000,
);
