/** All workloads. */
import type { Workload } from "./workload.ts";
import { access } from "./workloads/access.ts";
import { endToEnd } from "./workloads/end-to-end.ts";
import { fanout } from "./workloads/fanout.ts";
import { filters } from "./workloads/filters.ts";
import { fold } from "./workloads/fold.ts";
import { history } from "./workloads/history.ts";
import { ingest } from "./workloads/ingest.ts";
import { latency } from "./workloads/latency.ts";
import { memory } from "./workloads/memory.ts";
import { replay } from "./workloads/replay.ts";
import { restart } from "./workloads/restart.ts";
import { sdk } from "./workloads/sdk.ts";
import { tenants } from "./workloads/tenants.ts";
import { webhook } from "./workloads/webhook.ts";

/** What runs when none is named: ingest, fan-out and replay in one. */
export const canonical: Workload = endToEnd;

export const workloads: readonly Workload[] = [
  endToEnd,
  fanout,
  filters,
  ingest,
  webhook,
  replay,
  history,
  latency,
  memory,
  restart,
  fold,
  access,
  tenants,
  sdk,
];
