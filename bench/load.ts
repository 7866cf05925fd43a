/** The load clients: processes of bench/peers/go, each with many connections. Their CPU time is told apart from the server's. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Running } from "./contender.ts";
import { spawnBounded } from "./server-process.ts";
import { benchPeer } from "./toolchain.ts";

const longestMs = 3_600_000;

/** How the attributes of event i follow from i; see bench/peers/go/event/shape.go. */
export interface Shape {
  calls?: number;
  callLength?: number;
  queues?: number;
  agents?: number;
}

export interface PublishPlan extends Shape {
  over?: "grpc-stream" | "webhook";
  clients?: number;
  pipeline?: number;
  batch?: number;
  first?: number;
  /** Events, or else as many as go in `seconds`. */
  total?: number;
  seconds?: number;
  /** Events a second, whether or not the server keeps up. */
  rate?: number;
  json?: boolean;
  /** Goes on at once when a quota refuses a batch. */
  insists?: boolean;
  subjectByCall?: boolean;
}

export interface PublishReport {
  events: number;
  seconds: number;
  ackP50Ms: number;
  ackP99Ms: number;
  cpuSeconds: number;
}

export interface SubscribePlan extends Shape {
  count: number;
  by?: "each-queue" | "queue" | "agent" | "call";
  value?: number;
  values?: number;
  earliest?: boolean;
  latency?: boolean;
  /** Distinct views of everything. */
  views?: number;
}

export interface ReceiveReport {
  received: number;
  /** Since the first subscription was begun. */
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  cpuSeconds: number;
}

function flags(plan: object): string[] {
  return Object.entries(plan).map(
    ([name, value]) => `-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=${value}`,
  );
}

function client(role: string, { address, apiKeys = [] }: Running, protocol: string, plan: object): ChildProcess {
  const args = [role, `-protocol=${protocol}`, `-address=${address}`, ...flags(plan)];
  const env = { ...process.env, CALLWIRE_BENCH_KEYS: apiKeys.join(",") };
  return spawnBounded(benchPeer, args, { stdio: ["pipe", "pipe", "pipe"], timeout: longestMs, env });
}

async function* reports(child: ChildProcess): AsyncGenerator<unknown, never> {
  let errors = "";
  child.stderr!.on("data", (chunk) => {
    errors += String(chunk);
  });
  const exited = once(child, "exit");
  for await (const line of createInterface(child.stdout!)) yield JSON.parse(line);
  await exited;
  throw new Error(errors.trim() || "the load client ended");
}

async function report<T>(role: string, server: Running, protocol: string, plan: object): Promise<T> {
  const { value } = await reports(client(role, server, protocol, plan)).next();
  return value as T;
}

export function publish(server: Running, { over, ...plan }: PublishPlan): Promise<PublishReport> {
  return report("publish", server, over ?? server.protocol, plan);
}

export interface PageReport {
  p50Ms: number;
  maxMs: number;
  /** Requests it took, on average: a page may be short and have a token. */
  requests: number;
}

/** The newest events of so many agents. */
export function listNewest(server: Running, plan: Shape & { pages: number; pageSize: number }): Promise<PageReport> {
  return report("list", server, server.protocol, plan);
}

/** Subscriptions in a process of their own, each on a connection of its own. */
export class Subscribers {
  readonly #child: ChildProcess;
  readonly #reports: AsyncGenerator<unknown, never>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#reports = reports(child);
  }

  /** Resolves when all are in force. */
  static async open(server: Running, plan: SubscribePlan): Promise<Subscribers> {
    const subscribers = new Subscribers(client("subscribe", server, server.protocol, plan));
    await subscribers.#reports.next();
    return subscribers;
  }

  /** Forgets the latencies so far. */
  restartLatency(): void {
    this.#child.stdin!.write("restart\n");
  }

  /** Resolves when so many events were received by all together since the beginning. */
  async received(total: number): Promise<ReceiveReport> {
    this.#child.stdin!.write(`expect ${total}\n`);
    const { value } = await this.#reports.next();
    return value as ReceiveReport;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.stdin!.end();
    this.#child.kill();
    await exited;
  }
}

export async function withSubscribers<R>(
  server: Running,
  plan: SubscribePlan,
  use: (subscribers: Subscribers) => Promise<R>,
): Promise<R> {
  const subscribers = await Subscribers.open(server, plan);
  try {
    return await use(subscribers);
  } finally {
    await subscribers.close();
  }
}
