/** `callwire demo`: a gateway, a simulated contact centre that posts to it, and three subscribers, in one process. */
import type { Command } from "commander";
import { Direction } from "../../gen/ts/callwire/v1/state_pb.ts";
import { type ContactCentreOptions, contactCentre } from "../simulator/contact-centre.ts";
import { postAll } from "../simulator/poster.ts";
import { connect } from "./client.ts";
import { type DemoSubscriber, watch } from "./demo-subscriber.ts";
import { type Paint, paintFor } from "./event-line.ts";
import { interruption } from "./interruption.ts";
import { print } from "./output.ts";
import { explainListenError } from "./serve.ts";
import { freshSeed, seedNumber } from "./simulate.ts";
import { listenText, numberBetween } from "./usage.ts";

interface DemoFlags {
  listen: string;
  dataDir: string;
  rate: number;
  seed?: number;
  duration?: number;
}

/** The contact centre of the demo. Few agents, so that the one who is watched is often on a call. */
export function demoCentre(seed: number): ContactCentreOptions {
  return { seed, agents: 6, startMs: Date.now() };
}

const subscribers: readonly DemoSubscriber[] = [
  { label: "queue support", style: "cyan", filter: { queueNames: ["support"] } },
  { label: "agent 1001", style: "magenta", filter: { agentIds: ["1001"] } },
  { label: "outgoing", style: "yellow", filter: { directions: [Direction.OUTGOING] } },
];

export function addDemo(program: Command): void {
  program
    .command("demo")
    .description("run a gateway with a simulated contact centre and three subscribers")
    .option("--listen <host:port>", "where the gateway listens", listenText, "127.0.0.1:7450")
    .option("--data-dir <dir>", "where the journal is kept", "./data/demo")
    .option("--rate <n>", "events a second", numberBetween("--rate", 0.1, 1e6), 4)
    .option("--seed <n>", "the same seed gives the same events (default: another each time)", seedNumber)
    .option("--duration <seconds>", "end after this long (default: at Ctrl-C)", numberBetween("--duration", 0.1, 1e9))
    .action(demo);
}

async function demo(flags: DemoFlags): Promise<void> {
  const gateway = await startDemoGateway(flags);
  const { signal, stop } = interruption();
  const ending =
    flags.duration === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(flags.duration * 1_000)]);
  const paint = paintFor(process.stdout);
  try {
    await print(introduction(gateway.url, flags, paint));
    await print(await runCentre(gateway.url, flags, paint, ending));
  } finally {
    stop();
    await gateway.close();
  }
}

/** Posts and watches until the signal aborts; resolves to the summary. */
async function runCentre(url: string, flags: DemoFlags, paint: Paint, ending: AbortSignal): Promise<string> {
  const stopped = new AbortController();
  const signal = AbortSignal.any([ending, stopped.signal]);
  const client = connect(url);
  let deliveries = 0;
  const delivered = () => {
    deliveries++;
  };
  try {
    const watching = subscribers.map((subscriber) => watch(client, subscriber, paint, { signal, delivered }));
    const posts = contactCentre(demoCentre(flags.seed ?? freshSeed()));
    const posting = postAll(posts, { gateway: url, tenant: "default", rate: flags.rate, signal });
    const [totals] = await Promise.all([posting, ...watching]);
    return `\nThe demo has ended: ${totals.accepted} events accepted, ${deliveries} deliveries to ${subscribers.length} subscribers.\n`;
  } finally {
    stopped.abort();
    client.close();
  }
}

function introduction(url: string, flags: DemoFlags, paint: Paint): string {
  const { host } = new URL(url);
  const elsewhere = host === "127.0.0.1:7450" ? "" : ` --gateway ${url}`;
  const labels = subscribers.map(({ label, style }) => paint(style, `[${label}]`)).join("  ");
  return `
Callwire runs on ${url}, with its journal in ${flags.dataDir}.
A simulated contact centre posts ${flags.rate} events a second to ${url}/webhooks/default/...,
and three subscribers print what the gateway streams to them: ${labels}

Try in another terminal:
  grpcurl -plaintext -d '{"start":"START_POSITION_EARLIEST"}' ${host} callwire.v1.SubscriptionService/Subscribe
  npm run --silent callwire -- tail --from earliest --direction incoming${elsewhere}

Ctrl-C ends the demo.

`;
}

async function startDemoGateway(flags: DemoFlags): Promise<{ url: string; close(): Promise<void> }> {
  const [{ loadConfig }, { startGateway }] = await Promise.all([
    import("../config/load-config.ts"),
    import("../server/gateway.ts"),
  ]);
  const { listen, dataDir } = flags;
  const config = loadConfig({ flags: { listen, dataDir, logLevel: "warn" }, env: {} });
  return startGateway(config).catch((error: unknown) => {
    throw explainListenError(error, listen);
  });
}
