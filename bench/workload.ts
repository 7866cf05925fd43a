/** What a workload is: one or more measurements of the gateway, and those of its peers, taken in turn in every round. */
import type { Contender } from "./contender.ts";
import type { Tool } from "./toolchain.ts";

/** Figures by name; the unit is in the name. */
export type Figures = Record<string, number>;

export interface Settings {
  /** How long a single measurement takes, about. */
  seconds: number;
  /** Events in the journal, for the workloads that read one. Undefined: as many as fit in `fillSeconds`. */
  events: number | undefined;
  fillSeconds: number;
  /** A folder in which filled journals are kept, for later runs to read them again. */
  journals: string | undefined;
  /** The measurements to take, by name. Undefined: all. */
  only: string[] | undefined;
  /** Everything smaller, so that all workloads take a minute. */
  short: boolean;
}

export interface Measurement {
  /** Whose: the contender and, where it has several, which way of using it. */
  name: string;
  /** The gateway's, to be compared with the peers'. */
  own: boolean;
  needs?: Tool | undefined;
  /** Once, before the first round. */
  prepare?(): Promise<void>;
  /** One round. */
  measure(): Promise<Figures>;
  /** Once, after the last round or a failure. */
  dispose?(): Promise<void>;
}

export type Better = "more" | "less";

export interface Workload {
  name: string;
  /** What is measured, in a line. */
  about: string;
  /** Whether the disk's rate of durable writes bears on it. */
  durable: boolean;
  /** The figures that are compared with the peers', and which way is better. */
  compared: Readonly<Record<string, Better>>;
  measurements(settings: Settings): Measurement[];
}

export function own(contender: Contender, measure: () => Promise<Figures>, way = ""): Measurement {
  return { name: contender.name + way, own: true, needs: contender.needs, measure };
}

export function peer(contender: Contender, measure: () => Promise<Figures>, way = ""): Measurement {
  return { name: contender.name + way, own: false, needs: contender.needs, measure };
}
