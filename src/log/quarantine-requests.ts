/** What the sequencer thread does for the quarantine's RPCs. */
import type { EncodedBlock } from "./block.ts";
import type { QuarantineEntry } from "./gateway-log.ts";
import type { SequencedItem, Sequencer } from "./sequencer.ts";
import type { Store } from "./store.ts";

export type QuarantineRequest =
  | { action: "list"; tenant: string; source: string; reason: string; afterId: number; limit: number }
  | { action: "get"; tenant: string; entryId: number }
  | { action: "retry" | "discard"; tenant: string; ids: number[] | "all" };

export interface RetriedEntry {
  id: number;
  /** Undefined when there is no such entry. */
  items: SequencedItem[] | undefined;
}

export type QuarantineAnswer =
  | { action: "list"; entries: QuarantineEntry[]; total: number }
  | { action: "get"; found: { entry: QuarantineEntry; content: Uint8Array } | undefined }
  | { action: "retry"; retried: RetriedEntry[] }
  | { action: "discard"; discarded: number };

export interface QuarantineResult {
  answer: QuarantineAnswer;
  blocks: EncodedBlock[];
  notes: Map<string, number>;
}

function withoutEvents(answer: QuarantineAnswer): QuarantineResult {
  return { answer, blocks: [], notes: new Map() };
}

/**
 * Offers entries to the journal again, one group an entry. A crash between the commit and the removal leaves an entry
 * whose next retry is answered as a duplicate, since each item is remembered by entry and index.
 */
function retry(tenant: string, ids: number[], store: Store, sequencer: Sequencer): QuarantineResult {
  const blocks: EncodedBlock[] = [];
  const notes = new Map<string, number>();
  const retried = ids.map((id): RetriedEntry => {
    const found = store.quarantine.get(tenant, id);
    if (found === undefined) return { id, items: undefined };
    const { source, firstReceivedMs } = found.entry;
    const origin = { firstReceivedMs, quarantineId: id };
    const result = sequencer.run([{ tenant, source, form: "body", bytes: found.content, ...origin }]);
    blocks.push(...result.blocks);
    for (const [name, times] of result.notes) notes.set(name, (notes.get(name) ?? 0) + times);
    store.drain();
    const items = result.outcomes[0]!;
    if (items.every((item) => typeof item === "number")) {
      store.quarantineGroup(() => store.quarantine.remove(tenant, id));
    }
    return { id, items };
  });
  return { answer: { action: "retry", retried }, blocks, notes };
}

function discard(tenant: string, ids: number[], store: Store): QuarantineResult {
  const discarded = store.quarantineGroup(() => ids.filter((id) => store.quarantine.remove(tenant, id)).length);
  return withoutEvents({ action: "discard", discarded });
}

export function answerQuarantine(request: QuarantineRequest, store: Store, sequencer: Sequencer): QuarantineResult {
  const { tenant } = request;
  switch (request.action) {
    case "list": {
      const entries = store.quarantine.list(tenant, request.source, request.reason, request.afterId, request.limit);
      return withoutEvents({ action: "list", entries, total: store.quarantine.count(tenant) });
    }
    case "get":
      return withoutEvents({ action: "get", found: store.quarantine.get(tenant, request.entryId) });
    case "retry":
    case "discard": {
      const ids = request.ids === "all" ? store.quarantine.ids(tenant) : request.ids;
      return request.action === "retry" ? retry(tenant, ids, store, sequencer) : discard(tenant, ids, store);
    }
  }
}
