/**
 * A proxy between a consumer and a gateway that breaks their connections as a plan or the caller says. It passes TCP, and
 * knows enough of HTTP/2 to do so before an answer, within a message or between the last message and the end.
 *
 * A plan is one list for all connections: a fault counts from the one before it, on whatever connection the traffic is.
 */
import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Fault, FaultAction } from "./fault.ts";
import { FaultPlan } from "./fault-plan.ts";
import { ProxiedConnection } from "./proxied-connection.ts";

export interface FaultProxyOptions {
  /** The gateway: `http://127.0.0.1:7450`, or host and port. */
  target: string;
  /** Where to listen, host and port. Default 127.0.0.1 and a free port. */
  listen?: string;
  faults?: readonly Fault[];
  /** How long everything towards the consumer is held. Default 0. */
  latencyMs?: number;
  /** Called as each fault happens. */
  onFault?: (fault: Fault) => void;
  /** Called with each message of a request, without its prefix, when the connection is HTTP/2 in the clear. */
  onRequest?: (message: Buffer) => void;
}

export interface ProxyCounts {
  /** Connections that consumers opened. */
  connections: number;
  /** Those open now. */
  open: number;
  /** Messages of requests. */
  requests: number;
  /** Messages of answers that passed whole. */
  messages: number;
  /** Bytes that passed towards consumers. */
  bytes: number;
  /** Faults of the plan that happened. */
  faults: number;
  /** Faults of the plan that did not happen yet. */
  faultsLeft: number;
}

interface ProxyEvents {
  /** A count changed. */
  change: [];
}

interface Address {
  host: string;
  port: number;
}

export class FaultProxy extends EventEmitter<ProxyEvents> {
  readonly #server: Server;
  readonly #options: FaultProxyOptions;
  readonly #plan: FaultPlan;
  readonly #connections = new Map<ProxiedConnection, Socket>();
  readonly #counts = { connections: 0, requests: 0, messages: 0, bytes: 0, faults: 0 };
  #target: Address;
  /** Consumers are turned away at once, as by a host where nothing listens. */
  isRefusing = false;

  /** @throws Node's error when the address cannot be listened on */
  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    const { host, port } = addressOf(options.listen ?? "127.0.0.1:0");
    proxy.#server.listen(port, host);
    await once(proxy.#server, "listening");
    return proxy;
  }

  private constructor(options: FaultProxyOptions) {
    super();
    this.#options = options;
    this.#target = addressOf(options.target);
    this.#plan = new FaultPlan(options.faults ?? []);
    this.#server = createServer((socket) => void this.#accept(socket));
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
  }

  get counts(): ProxyCounts {
    const open = this.#connections.size;
    return { ...this.#counts, open, faultsLeft: this.#plan.left };
  }

  /** Where new connections go from now on. */
  setTarget(target: string): void {
    this.#target = addressOf(target);
  }

  /** Adds to the end of the plan. */
  plan(faults: readonly Fault[]): void {
    this.#plan.add(faults);
  }

  /** Does something to every open connection now. */
  apply(action: Exclude<FaultAction["do"], "delay">): void {
    for (const connection of this.#connections.keys()) connection.apply(action);
  }

  /** Ends stalls. */
  resume(): void {
    for (const connection of this.#connections.keys()) connection.resume();
  }

  /** Cuts what is open and stops listening. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#connections.values()) socket.destroy();
    await closed;
  }

  async #accept(consumer: Socket): Promise<void> {
    if (this.isRefusing) return void consumer.resetAndDestroy();
    this.#counts.connections++;
    const gateway = connect(this.#target);
    const connection = new ProxiedConnection(
      consumer,
      gateway,
      this.#plan,
      this.#observer,
      this.#options.latencyMs ?? 0,
    );
    this.#connections.set(connection, consumer);
    this.emit("change");
    await connection.run();
    this.#connections.delete(connection);
    this.emit("change");
  }

  readonly #observer = {
    fault: (fault: Fault) => {
      this.#counts.faults++;
      this.#options.onFault?.(fault);
      this.emit("change");
    },
    passed: (bytes: number) => {
      this.#counts.bytes += bytes;
    },
    request: (message: Buffer) => {
      this.#counts.requests++;
      this.#options.onRequest?.(message);
      this.emit("change");
    },
    message: () => {
      this.#counts.messages++;
      this.emit("change");
    },
  };
}

/** @throws RangeError when it is neither an http(s) URL nor host and port */
export function addressOf(text: string): Address {
  const url = URL.parse(/^[a-z]+:\/\//.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new RangeError(`"${text}" is no address of host and port.`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return { host, port };
}
