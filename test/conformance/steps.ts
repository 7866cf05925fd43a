/** What happens during a run: each step waits for its conditions, then acts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { differences, show } from "./amount.ts";
import type { Action, Condition, Run } from "./case.ts";
import type { Driver } from "./driver.ts";
import { gauge } from "./gateway-calls.ts";
import type { Stage } from "./stage.ts";
import type { Transcript } from "./transcript.ts";

export interface Playing {
  stage: Stage;
  driver: Driver;
  /** The run's name towards the driver. */
  id: string;
  transcript: Transcript;
}

/** How often a condition is looked at that tells nobody when it changes: a file, a metric. */
const pollMs = 25;

/** Resolves when every step was played. @throws Error when the driver is done or dead before. */
export async function playSteps(playing: Playing, steps: Run["steps"], signal: AbortSignal): Promise<void> {
  for (const { await: condition, do: actions } of steps) {
    await until(playing, condition, signal);
    for (const action of actions) await act(playing, action);
  }
}

/** Resolves when the condition holds. */
export async function until(playing: Playing, condition: Condition, signal: AbortSignal): Promise<void> {
  const { transcript, stage } = playing;
  while (!(await holds(playing, condition))) {
    signal.throwIfAborted();
    if (transcript.died !== undefined) throw new Error(transcript.died);
    if (transcript.done !== undefined)
      throw new Error(`it was done (${show(transcript.done)}) before ${show(condition)} came true`);
    await changed(transcript, stage, signal, isPolled(condition) ? pollMs : undefined);
  }
}

function isPolled({ metric, file, elapsed_ms: elapsed }: Condition): boolean {
  return metric !== undefined || file !== undefined || elapsed !== undefined;
}

/** Resolves at the next change of what the run or the proxy says, after the time, or when the signal aborts. */
async function changed(transcript: Transcript, stage: Stage, signal: AbortSignal, ms?: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  transcript.once("change", wake);
  stage.proxy.once("change", wake);
  signal.addEventListener("abort", wake, { once: true });
  await (ms === undefined ? promise : Promise.race([promise, sleep(ms)]));
  transcript.off("change", wake);
  stage.proxy.off("change", wake);
  signal.removeEventListener("abort", wake);
}

async function holds({ transcript, stage }: Playing, condition: Condition): Promise<boolean> {
  const { proxy } = stage;
  const isMet =
    transcript.events.length >= (condition.events ?? 0) &&
    transcript.handling >= (condition.handling ?? 0) &&
    transcript.deliveries.length >= (condition.deliveries ?? 0) &&
    Object.entries(condition.status ?? {}).every(([kind, least]) => transcript.countOf(kind) >= least) &&
    stage.requests.length >= (condition.requests ?? 0) &&
    proxy.counts.faults >= (condition.faults ?? 0) &&
    proxy.counts.open <= (condition.open ?? Number.POSITIVE_INFINITY) &&
    transcript.sinceStartMs >= (condition.elapsed_ms ?? 0) &&
    (condition.done === undefined || transcript.done !== undefined);
  if (!isMet) return false;
  const { metric, file } = condition;
  if (metric !== undefined && (await gauge(stage.gateway!.url, metric.name)) !== metric.is) return false;
  return (
    file === undefined || differences(stage.fill(file.json), readJson(join(stage.folder, file.name)), "").length === 0
  );
}

/** Undefined while there is no such file. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function act({ stage, driver, id }: Playing, action: Action): Promise<void> {
  if ("publish" in action) return stage.publish(action.publish);
  if ("server" in action) return stage.scripted!.signal(action.server);
  if ("driver" in action) return action.driver === "kill" ? driver.kill() : driver.tell(id, action.driver);
  if ("gateway" in action) {
    await stage.gateway![action.gateway]();
    if (action.gateway !== "kill" && action.gateway !== "stop") await stage.learn();
    return;
  }
  const { proxy } = stage;
  switch (action.proxy) {
    case "resume":
      return proxy.resume();
    case "refuse":
    case "accept":
      proxy.isRefusing = action.proxy === "refuse";
      return;
    default:
      return proxy.apply(action.proxy);
  }
}
