/** Retention: drops events older than a bound, whole blocks at a time, from log and view in one transaction. */
import type { EmbeddedStore } from "./sqlite/embedded-store.ts";

/**
 * Drops what was received before a time; whether there was anything. Events of a session that is not sealed stay, all of
 * them, so that nobody is left with half a call.
 */
export function trimToAge(store: EmbeddedStore, tenant: string, beforeMs: number): boolean {
  const oldest = store.view.oldestUnsealed(tenant) ?? Number.POSITIVE_INFINITY;
  const upTo = Math.min(store.view.offsetBefore(tenant, beforeMs), oldest - 1);
  if (upTo <= store.log.head(tenant).trimmedTo) return false;
  return store.group(() => {
    const trimmed = store.view.trim(tenant, upTo);
    if (trimmed === 0) return false;
    store.log.trim(tenant, trimmed);
    return true;
  });
}
