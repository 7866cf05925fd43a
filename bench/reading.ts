/** Measurements that read a journal: it is filled before the first round and read in each. */
import type { Contender } from "./contender.ts";
import { Journal, type JournalSize } from "./journal.ts";
import type { PublishPlan } from "./load.ts";
import type { Figures, Measurement, Settings } from "./workload.ts";

export function reading(
  contender: Contender,
  own: boolean,
  settings: Settings,
  size: JournalSize,
  plan: PublishPlan,
  measure: (journal: Journal) => Promise<Figures>,
): Measurement {
  const journal = new Journal(contender, size, plan, settings);
  return {
    name: contender.name,
    own,
    needs: contender.needs,
    prepare: () => journal.fill(settings, own),
    measure: async () => {
      journal.readIntoCache();
      return { ...(await measure(journal)), "events in the journal": journal.events };
    },
    dispose: async () => journal.remove(),
  };
}
