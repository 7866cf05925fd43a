/** A real gateway log on a folder of its own, removed afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { defaultLimits, type Limits } from "../../src/config/limits.ts";
import type { GatewayLog } from "../../src/log/gateway-log.ts";
import { openGatewayLog } from "../../src/log/open-gateway-log.ts";

export interface TemporaryLog {
  log: GatewayLog;
  folder: string;
  /** Closes and opens again. */
  reopen(): Promise<GatewayLog>;
  dispose(): Promise<void>;
}

export interface TemporaryLogOptions {
  limits?: Partial<Limits>;
  tenants?: string[];
  retentionMs?: number;
}

export async function temporaryLog(options: TemporaryLogOptions = {}): Promise<TemporaryLog> {
  const folder = mkdtempSync(join(tmpdir(), "callwire-"));
  const open = (): Promise<GatewayLog> =>
    openGatewayLog({
      dataDir: folder,
      tenants: (options.tenants ?? ["default"]).map((id) => ({ id, sources: ["ccai"] })),
      limits: { ...defaultLimits, ...options.limits },
      retentionMs: options.retentionMs,
      logger: pino({ level: "silent" }),
    });
  const temporary: TemporaryLog = {
    log: await open(),
    folder,
    async reopen() {
      await temporary.log.close();
      temporary.log = await open();
      return temporary.log;
    },
    async dispose() {
      await temporary.log.close();
      rmSync(folder, { recursive: true });
    },
  };
  return temporary;
}

/** The body of a call event. */
export function callBody(callId: string, item: Record<string, unknown> = {}): Buffer {
  return Buffer.from(JSON.stringify({ type: "CallState", item: { CallID: callId, State: "connected", ...item } }));
}
