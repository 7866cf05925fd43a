/** One of the demo's subscribers: a real subscription over gRPC whose lines carry its own label and colour. */
import { create } from "@bufbuild/protobuf";
import { type Filter, FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { SubscribeRequestSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { Gateway } from "./client.ts";
import { formatEvent, type Paint, type Style } from "./event-line.ts";
import { follow } from "./follow.ts";
import { print, say } from "./output.ts";

export interface DemoSubscriber {
  label: string;
  style: Style;
  filter: Partial<Pick<Filter, "queueNames" | "agentIds" | "directions">>;
}

/** Prints what the subscriber is sent until the signal aborts, and calls `delivered` for each event. */
export async function watch(
  { subscriptions }: Gateway,
  { label, style, filter }: DemoSubscriber,
  paint: Paint,
  options: { signal: AbortSignal; delivered: () => void },
): Promise<void> {
  const request = create(SubscribeRequestSchema, { filters: { [label]: create(FilterSchema, filter) } });
  const { signal } = options;
  for await (const step of follow(subscriptions, request, {
    signal,
    progressIntervalMs: 5_000,
    waitForGateway: true,
  })) {
    if (step.kind === "down") say(`${label}: the stream is down; trying again.`);
    if (step.kind !== "response") continue;
    for (const event of step.response.events) {
      options.delivered();
      await print(`${paint(style, `[${label}]`.padEnd(15))} ${formatEvent(event, paint)}\n`);
    }
  }
}
