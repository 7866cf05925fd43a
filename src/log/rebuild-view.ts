/**
 * Folds a tenant's log again into an empty view. What comes out is byte for byte what the sequencer stored (invariant 4), as
 * far as the log still holds the beginnings of its sessions.
 */
import { acceptedEvent, proposalOf } from "./accepted-envelope.ts";
import { AgentDirectory } from "./agent-directory.ts";
import { BlockMeans } from "./block-builder.ts";
import { SessionCache } from "./session-cache.ts";
import type { Store } from "./store.ts";
import { storedBlock } from "./stored-block.ts";
import { TenantFold } from "./tenant-fold.ts";

/** Runs within a group of the store. */
export function rebuildView(store: Store, tenant: string): void {
  const { log, view } = store;
  const { epoch, trimmedTo } = log.head(tenant);
  const lineage = log.lineage(tenant);
  view.clear(tenant);
  const sessions = new SessionCache(view);
  const agents = new AgentDirectory(view, tenant);
  const means = new BlockMeans();
  let offset = trimmedTo;
  for (;;) {
    // The records of one append are one block again.
    const records = log.read(tenant, offset, 1);
    if (records.length === 0) return;
    const [first] = records;
    // Ids made of epoch and offset stay what they were when the events were accepted.
    const epochThen = lineage.find(({ upTo }) => first!.offset <= upTo)?.epoch ?? epoch;
    const fold = new TenantFold(tenant, epochThen, sessions, agents, means, () => {});
    for (const { offset: at, envelope } of records) {
      const { source, receivedMs, firstReceivedMs, idempotencyKey } = envelope;
      const event = acceptedEvent(envelope);
      const proposal = proposalOf(envelope);
      fold.add({ event, source, offset: at, receivedMs, firstReceivedMs, idempotencyKey, proposal });
    }
    for (const { block, memories } of fold.finish()) view.apply(storedBlock(block, memories));
    sessions.save();
    agents.save();
    offset = records.at(-1)!.offset;
  }
}
