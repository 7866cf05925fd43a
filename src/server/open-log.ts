/** Opens the log that a configuration describes. */
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { openGatewayLog } from "../log/open-gateway-log.ts";

/** @throws DataFolderError */
export function openLog({ dataDir, limits, retentionMs, tenants }: Config, logger: Logger): Promise<GatewayLog> {
  const named = tenants.map(({ id, sources, sessionTimes }) => {
    return { id, sources: sources.map((source) => source.id), sessionTimes };
  });
  return openGatewayLog({ dataDir, tenants: named, limits, retentionMs, logger });
}
