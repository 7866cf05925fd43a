/**
 * A real gateway within the test's own process: a temporary folder, a free port, and the fault proxy before it. What a
 * consumer connects to stays the same over restarts.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { pino } from "pino";
import { IngestService } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { loadConfig } from "../config/load-config.ts";
import { type Gateway, startGateway } from "../server/gateway.ts";
import { type ContactCentreOptions, contactCentre } from "../simulator/contact-centre.ts";
import { postAll, type Totals } from "../simulator/poster.ts";
import type { Fault } from "./fault.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { type JournalRange, readJournal } from "./journal.ts";
import type { Recorded } from "./recording.ts";
import { compareWithJournal, type JournalEvents, type Verdict } from "./verdict.ts";

export interface TestGatewayOptions {
  /** What a configuration file would hold, with its keys: `{journal: {retention: {max_age: "1s"}}}`. */
  config?: object;
  /** Faults of the connections through `url`. */
  faults?: readonly Fault[];
  /** Where the proxy listens. Default 127.0.0.1 and a free port. */
  listen?: string;
  /** Called as each fault happens. */
  onFault?: (fault: Fault) => void;
}

export interface PublishOptions {
  /** Default `default`. */
  tenant?: string;
  /** Default `ccai`. */
  source?: string;
}

const eventsOfCall = 1_000;

export class TestGateway {
  readonly #folder: string;
  readonly #configFile: string;
  #gateway: Gateway | undefined;
  readonly proxy: FaultProxy;

  private constructor(folder: string, configFile: string, gateway: Gateway, proxy: FaultProxy) {
    this.#folder = folder;
    this.#configFile = configFile;
    this.#gateway = gateway;
    this.proxy = proxy;
  }

  /** @throws ConfigError when the configuration is wrong */
  static async start({ config = {}, faults = [], listen, onFault }: TestGatewayOptions = {}): Promise<TestGateway> {
    const folder = mkdtempSync(join(tmpdir(), "callwire-test-gateway-"));
    try {
      const configFile = join(folder, "callwire.yaml");
      writeFileSync(configFile, JSON.stringify(config));
      const gateway = await open(folder, configFile);
      try {
        const options = { ...(listen === undefined ? {} : { listen }), ...(onFault === undefined ? {} : { onFault }) };
        const proxy = await FaultProxy.start({ target: gateway.url, faults, ...options });
        return new TestGateway(folder, configFile, gateway, proxy);
      } catch (error) {
        await gateway.close();
        throw error;
      }
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** What the consumer connects to: through the fault proxy. */
  get url(): string {
    return this.proxy.url;
  }

  /** The gateway itself; another one after each restart. */
  get directUrl(): string {
    return this.#running.url;
  }

  get #running(): Gateway {
    if (this.#gateway === undefined) throw new Error("the gateway is stopped");
    return this.#gateway;
  }

  /** Publishes source objects in their order; gives the cursor of each. @throws Error when one is refused */
  async publish(events: readonly object[], { tenant = "", source = "ccai" }: PublishOptions = {}): Promise<string[]> {
    const baseUrl = this.directUrl;
    const sessionManager = new Http2SessionManager(baseUrl);
    const client = createClient(IngestService, createGrpcTransport({ baseUrl, sessionManager }));
    const cursors: string[] = [];
    try {
      for (let at = 0; at < events.length; at += eventsOfCall) {
        const items = events.slice(at, at + eventsOfCall).map((event) => {
          return { event: { case: "json" as const, value: JSON.stringify(event) } };
        });
        const { results } = await client.publishEvents({ tenant, source, items });
        for (const [index, { cursor, reason, message }] of results.entries()) {
          if (reason !== "") throw new Error(`event ${at + index + 1} was refused: ${reason}, ${message}`);
          cursors.push(cursor);
        }
      }
      return cursors;
    } finally {
      sessionManager.abort();
    }
  }

  /** Lets a simulated contact centre post to the gateway. Resolves once its last call has ended: `calls` bounds it. */
  simulate(centre: ContactCentreOptions, options: { rate?: number; signal?: AbortSignal } = {}): Promise<Totals> {
    const { rate = 0, signal } = options;
    const posting = { gateway: this.directUrl, tenant: "default", rate, ...(signal === undefined ? {} : { signal }) };
    return postAll(contactCentre(centre), posting);
  }

  /** Stops the gateway, which tells its subscribers to go away, and starts it again on the same folder. */
  async restart(): Promise<void> {
    await this.stop();
    this.#gateway = await open(this.#folder, this.#configFile);
    this.proxy.setTarget(this.#gateway.url);
  }

  /** Stops the gateway; consumers find nobody until `restart`. */
  async stop(): Promise<void> {
    await this.#gateway?.close();
    this.#gateway = undefined;
  }

  /** Breaks every connection through `url` now. Default a reset. */
  cut(how: "cut" | "reset" | "stall" | "half-open" = "reset"): void {
    this.proxy.apply(how);
  }

  /** The events that the journal has for filters. */
  journal(range: JournalRange = {}): Promise<JournalEvents> {
    return readJournal(this.directUrl, range);
  }

  /** Compares what a handler recorded with the journal. */
  async check(recording: readonly Recorded[], range: JournalRange = {}): Promise<Verdict> {
    return compareWithJournal(await this.journal(range), recording);
  }

  /** Ends proxy and gateway and removes the folder. */
  async close(): Promise<void> {
    await this.proxy.close();
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function open(folder: string, config: string): Promise<Gateway> {
  const flags = { listen: "127.0.0.1:0", dataDir: join(folder, "data"), config };
  return startGateway(loadConfig({ flags, env: {} }), { logger: pino({ level: "silent" }) });
}

/** A running gateway for a test. `await using gateway = await startTestGateway()` closes it by itself. */
export function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  return TestGateway.start(options);
}
