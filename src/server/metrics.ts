/** The gateway's metrics, in the text format of Prometheus. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Fanout } from "../fanout/fanout.ts";
import type { GatewayLog, ItemOutcome } from "../log/gateway-log.ts";

export interface Metrics {
  contentType: string;
  /** @param tenants of the reader: of the others it learns nothing. Undefined: all */
  text(tenants: ReadonlySet<string> | undefined): Promise<string>;
  /** Counts the outcomes of a webhook. */
  countOutcomes(tenant: string, source: string, outcomes: readonly ItemOutcome[]): void;
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value());
    },
  });
}

function perTenant(registry: Registry, log: GatewayLog): void {
  const names = ["head_offset", "events_kept", "quarantined"] as const;
  const values = { head_offset: "headOffset", events_kept: "eventCount", quarantined: "quarantinedCount" } as const;
  for (const name of names) {
    new Gauge({
      name: `callwire_log_${name}`,
      help: `${values[name]} of a tenant's log, as committed`,
      labelNames: ["tenant"],
      registers: [registry],
      collect() {
        for (const tenant of log.tenants) this.set({ tenant }, log.state(tenant)[values[name]]);
      },
    });
  }
}

const ofTenant = /^callwire_[a-z_]+\{[^}]*\btenant="([^"]*)"/;

/** What the text tells of some tenants alone: no figure of the whole process, in which the others have their part. */
function linesOf(tenants: ReadonlySet<string>, text: string): string {
  const kept = text.split("\n").filter((line) => tenants.has(ofTenant.exec(line)?.[1] ?? ""));
  return kept.map((line) => `${line}\n`).join("");
}

export function createMetrics(log: GatewayLog, fanout: Fanout, isReady: () => boolean): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  perTenant(registry, log);
  gauge(registry, "callwire_ready", "1 while the gateway takes input", () => (isReady() ? 1 : 0));
  gauge(registry, "callwire_subscriptions", "Open subscriptions", () => fanout.stats().streams);
  gauge(registry, "callwire_subscriptions_live", "Subscriptions fed live", () => fanout.stats().live);
  gauge(registry, "callwire_feeds", "Different feeds of live subscriptions", () => fanout.stats().feeds);
  gauge(registry, "callwire_fanout_queued_bytes", "Bytes waiting for slow consumers", () => fanout.stats().queuedBytes);
  gauge(registry, "callwire_replay_bytes", "Bytes of the journal held for replays", () => fanout.stats().replayBytes);
  gauge(registry, "callwire_journal_blocks_read", "Blocks of events read of the disk", () => log.reader.blocksRead);
  new Gauge({
    name: "callwire_notes",
    help: "Oddities met in the input since the start, by name",
    labelNames: ["note"],
    registers: [registry],
    collect() {
      for (const [note, times] of Object.entries(log.counters())) this.set({ note }, times);
    },
  });
  const items = new Counter({
    name: "callwire_webhook_items_total",
    help: "Items of webhooks by outcome",
    labelNames: ["tenant", "source", "outcome"],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: async (tenants) => {
      const text = await registry.metrics();
      return tenants === undefined || log.tenants.every((tenant) => tenants.has(tenant))
        ? text
        : linesOf(tenants, text);
    },
    countOutcomes(tenant, source, outcomes) {
      for (const outcome of outcomes) items.inc({ tenant, source, outcome: outcome.status });
    },
  };
}
