/** Retention: drops events older than a bound, some whole blocks at a time, from log and view in one transaction. */
import type { Store } from "./store.ts";

/** Offsets dropped at a time: senders wait for it. */
export const trimmedAtOnce = 16_384;

/**
 * Drops some of what was received before a time; whether there was anything, so that there may be more. Events of a session that is not sealed stay, all of
 * them, so that nobody is left with half a call.
 */
export function trimToAge(store: Store, tenant: string, beforeMs: number): boolean {
  const oldest = store.view.oldestUnsealed(tenant) ?? Number.POSITIVE_INFINITY;
  const { trimmedTo } = store.log.head(tenant);
  const upTo = Math.min(store.view.offsetBefore(tenant, beforeMs), oldest - 1, trimmedTo + trimmedAtOnce);
  if (upTo <= trimmedTo) return false;
  return store.group(() => {
    const trimmed = store.view.trim(tenant, upTo);
    if (trimmed === 0) return false;
    store.log.trim(tenant, trimmed);
    return true;
  });
}
