/** What the sequencer works on: the log, the view and the quarantine of a data folder. */
import type { Log } from "./log.ts";
import type { SqliteQuarantine } from "./sqlite/sqlite-quarantine.ts";
import type { View } from "./view.ts";

export interface Store {
  readonly log: Log;
  readonly view: View;
  readonly quarantine: SqliteQuarantine;
  /** Runs changes of log and view as one transaction. @throws when it failed; then nothing of it happened */
  group<R>(changes: () => R): R;
  /** Runs changes of the quarantine as one durable transaction. */
  quarantineGroup<R>(changes: () => R): R;
  /** Returns once every group is on the disk. @throws CallwireError when one was lost */
  drain(): void;
}
