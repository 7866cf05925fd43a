/** What the log says at start: where to send webhooks and how to subscribe. */
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { version } from "./version.ts";

/** Ready to be pasted, but for the key of a gateway that has credentials. */
export function subscribeCommand(
  { tenants, tls }: { tenants: readonly { id: string }[]; tls: object | undefined },
  isAnonymous: boolean,
  host: string,
): string {
  const [first, ...more] = tenants;
  return [
    "grpcurl",
    ...(tls === undefined ? ["-plaintext"] : []),
    ...(isAnonymous ? [] : ["-H 'authorization: Bearer KEY'"]),
    `-d '${JSON.stringify(more.length === 0 ? {} : { tenant: first!.id })}'`,
    host,
    "callwire.v1.SubscriptionService/Subscribe",
  ].join(" ");
}

export function announce(logger: Logger, config: Config, isAnonymous: boolean, url: string): void {
  for (const { id, sources } of config.tenants) {
    for (const source of sources) {
      logger.info({ webhook: `${url}/webhooks/${id}/${source.id}` }, `source ${id}/${source.id} takes webhooks`);
    }
  }
  logger.info({ subscribe: subscribeCommand(config, isAnonymous, new URL(url).host) }, "subscribe with grpcurl");
  logger.info({ url, dataDir: config.dataDir, version }, "ready");
}
