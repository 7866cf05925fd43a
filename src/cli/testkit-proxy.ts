/** `callwire testkit proxy`: breaks the connections between a consumer and a gateway. */
import { once } from "node:events";
import type { Command } from "commander";
import { formatFault } from "../testkit/fault.ts";
import { FaultProxy } from "../testkit/fault-proxy.ts";
import { defaultGateway, gatewayUrl } from "./client.ts";
import { addFaultFlags, buildFaults, type FaultFlags } from "./fault-flags.ts";
import { interruption } from "./interruption.ts";
import { print, say } from "./output.ts";
import { explainListenError } from "./serve.ts";
import { listenText, wholeNumber } from "./usage.ts";

interface ProxyFlags extends FaultFlags {
  listen: string;
  target: string;
  latency?: number;
}

const longestLatencyMs = 60_000;

export function addTestkitProxy(testkit: Command): void {
  const command = testkit
    .command("proxy")
    .description("break the connections between a consumer and a gateway, by plan or at random")
    .option("--listen <host:port>", "where the consumer connects", listenText, "127.0.0.1:7451")
    .option("--target <url>", "the gateway", gatewayUrl, defaultGateway)
    .option(
      "--latency <ms>",
      "hold everything towards the consumer for so long",
      wholeNumber("--latency", 0, longestLatencyMs),
    );
  addFaultFlags(command)
    .addHelpText(
      "after",
      `
Examples:
  callwire testkit proxy --fault reset@mid-message:3 --fault stall@message:10
  callwire testkit proxy --random-cuts 100 --seed 7`,
    )
    .action(proxy);
}

async function proxy(flags: ProxyFlags): Promise<void> {
  const { faults, seed } = buildFaults(flags);
  if (flags.randomCuts !== undefined && flags.seed === undefined) say(`--seed ${seed} repeats these cuts.`);
  const running = await FaultProxy.start({
    target: flags.target,
    listen: flags.listen,
    faults,
    latencyMs: flags.latency ?? 0,
    onFault: (fault) => say(formatFault(fault)),
  }).catch((error: unknown) => {
    throw explainListenError(error, flags.listen);
  });
  const { signal, stop } = interruption();
  try {
    await print(`${running.url}\n`);
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    stop();
    const { connections, messages, faults: happened, faultsLeft } = running.counts;
    await running.close();
    say(`${connections} connections, ${messages} messages passed, ${happened} faults, ${faultsLeft} still planned.`);
  }
}
