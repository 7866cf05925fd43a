/** The real gateway, in this process, and a contact centre that tells it of calls. */
import { onTestFinished } from "vitest";
import { type RunningGateway, runningGateway } from "../../../test/interop/running-gateway.ts";
import { Client, type ClientOptions } from "../src/index.ts";

export interface TestGateway {
  url: string;
  client: Client;
  running: RunningGateway;
  /** Publishes transitions of calls: "7 ringing" is call 7 in state ringing, of queue support/orders. */
  post(...transitions: string[]): Promise<void>;
}

export async function gateway(options: Partial<ClientOptions> = {}): Promise<TestGateway> {
  // Browsers' connections stay open; nothing is gained by waiting for them.
  const running = await runningGateway("limits:\n  shutdown_timeout: 1s\n");
  const { url } = running.gateway;
  const client = new Client({ url, ...options });
  onTestFinished(async () => {
    await client.close();
    await running.dispose();
  });
  const post = async (...transitions: string[]): Promise<void> => {
    const items = transitions.map((transition) => ({ event: { case: "json" as const, value: callState(transition) } }));
    await client.publishEvents({ source: "ccai", items });
  };
  return { url, client, running, post };
}

function callState(transition: string): string {
  const [id, state, queue = "support/orders"] = transition.split(" ");
  const item = { CallID: id, State: state, Direction: "incoming", Queue_path_names: queue };
  return JSON.stringify({ type: "CallState", item });
}
