/** The quarantine as main sees it: every request is answered by the sequencer thread, which owns the file. */
import { formatCursor } from "./cursor.ts";
import type { Quarantine, RetryOutcome } from "./gateway-log.ts";
import type { QuarantineAnswer, QuarantineRequest, RetriedEntry } from "./quarantine-requests.ts";

type Ask = (request: QuarantineRequest) => Promise<{ answer: QuarantineAnswer; epoch: string }>;

function retryOutcome({ id, items }: RetriedEntry, epoch: string): RetryOutcome {
  if (items === undefined) {
    return { id, accepted: false, cursors: [], reason: "UNKNOWN_QUARANTINE_ID", message: `there is no entry ${id}` };
  }
  const cursors = items.flatMap((item) => (typeof item === "number" ? [formatCursor(epoch, Math.abs(item))] : []));
  const rejected = items.find((item) => typeof item !== "number");
  if (rejected === undefined) return { id, accepted: true, cursors };
  return { id, accepted: false, cursors, reason: rejected.reason, message: rejected.message };
}

export function remoteQuarantine(ask: Ask): Quarantine {
  return {
    async list({ tenant, source = "", reason = "", afterId, limit }) {
      const { answer } = await ask({ action: "list", tenant, source, reason, afterId, limit });
      if (answer.action !== "list") throw new Error("expected a list");
      return answer;
    },
    async get(tenant, entryId) {
      const { answer } = await ask({ action: "get", tenant, entryId });
      if (answer.action !== "get") throw new Error("expected an entry");
      return answer.found;
    },
    async retry(tenant, ids) {
      const { answer, epoch } = await ask({ action: "retry", tenant, ids });
      if (answer.action !== "retry") throw new Error("expected a retry");
      return answer.retried.map((entry) => retryOutcome(entry, epoch));
    },
    async discard(tenant, ids) {
      const { answer } = await ask({ action: "discard", tenant, ids });
      if (answer.action !== "discard") throw new Error("expected a number");
      return answer.discarded;
    },
  };
}
