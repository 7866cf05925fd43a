/** A gateway in this process, on a free port and a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { loadConfig } from "../../src/config/load-config.ts";
import { type Gateway, startGateway } from "../../src/server/gateway.ts";

export interface RunningGateway {
  gateway: Gateway;
  post(body: string | Uint8Array, init?: RequestInit & { path?: string }): Promise<Response>;
  /** Puts another text in the configuration file, which the gateway notices by itself. */
  reconfigure(yaml: string): void;
  dataDir: string;
  dispose(): Promise<void>;
}

/** @param yaml a configuration file's text */
export async function runningGateway(yaml = "", env: Record<string, string> = {}): Promise<RunningGateway> {
  const dataDir = mkdtempSync(join(tmpdir(), "callwire-gateway-"));
  const file = join(dataDir, "callwire.yaml");
  writeFileSync(file, yaml);
  const load = () => loadConfig({ flags: { listen: "127.0.0.1:0", dataDir, config: file }, env });
  const gateway = await startGateway(load(), { logger: pino({ level: "silent" }), load });
  return {
    gateway,
    dataDir,
    reconfigure: (changed) => writeFileSync(file, changed),
    post: (body, { path = "/webhooks/default/ccai", ...init } = {}) =>
      fetch(new URL(path, gateway.url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: body as NonNullable<RequestInit["body"]>,
        ...init,
      }),
    async dispose() {
      await gateway.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}
