/** Who works in the simulated contact centre, and the queues that they serve. */
import type { Random } from "./random.ts";

export interface Queue {
  /** Ids from the root, `1/2/3`. */
  idPath: string;
  /** Names from the root, `support/orders/status`. */
  namePath: string;
  /** The platform calls it a UUID and sends a number. */
  uuid: number;
  language: string;
}

export interface Agent {
  id: string;
  name: string;
  email: string;
}

function queue(idPath: string, namePath: string, language = "en"): Queue {
  return { idPath, namePath, uuid: Number(idPath.slice(idPath.lastIndexOf("/") + 1)), language };
}

/** With the weight of each: how much of the traffic it takes. */
export const queues: readonly (readonly [Queue, weight: number])[] = [
  [queue("1/2/3", "support/orders/status"), 20],
  [queue("1/2/4", "support/orders/changes"), 8],
  [queue("1/5", "support/returns"), 12],
  [queue("1/6", "support/technical"), 9],
  [queue("1/7", "support/espanol", "es"), 5],
  [queue("8/9", "sales/new"), 12],
  [queue("8/10", "sales/upgrades"), 7],
  [queue("8/11", "sales/business"), 4],
  [queue("12/13", "billing/cards"), 10],
  [queue("12/14", "billing/refunds"), 7],
  [queue("12/15", "billing/francais", "fr"), 3],
  [queue("16", "retention"), 3],
];

const firstNames = ["ada", "ben", "chloe", "dev", "elena", "farid", "grace", "hugo", "ines", "jun", "kofi", "lena"];
const lastNames = ["alvarez", "brandt", "chen", "diallo", "evans", "fischer", "garcia", "haddad", "ito", "jones"];

const capitalised = (word: string) => `${word[0]!.toUpperCase()}${word.slice(1)}`;

/** Agents `1001`, `1002`, … Their names come round again after 120, their e-mail addresses do not. */
export function agentAt(index: number): Agent {
  const first = firstNames[index % firstNames.length]!;
  const last = lastNames[Math.floor(index / firstNames.length + index) % lastNames.length]!;
  const id = String(1_001 + index);
  return { id, name: `${capitalised(first)} ${capitalised(last)}`, email: `${first}.${last}.${id}@example.com` };
}

/** A phone number of the kind that is never given to anyone: +1 555 01…. */
export function phoneNumber(random: Random): string {
  return `+155501${random.digits(5)}`;
}
