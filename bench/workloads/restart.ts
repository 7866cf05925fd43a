/** From the start of the process to its readiness, with a journal and open calls. */
import { callwire, jetStreamReading, redis } from "../contenders.ts";
import { type Journal, JournalSize } from "../journal.ts";
import { withSubscribers } from "../load.ts";
import { reading } from "../reading.ts";
import type { Figures, Workload } from "../workload.ts";

const openCalls = 50_000;

async function readyAfter(journal: Journal, signal: "SIGTERM" | "SIGKILL") {
  const before = await journal.start();
  await before.process.stop(signal);
  const start = performance.now();
  const server = await journal.start();
  const readyMs = performance.now() - start;
  const plan = { count: 1, earliest: true };
  const { seconds } = await withSubscribers(server, plan, (subscribers) => subscribers.received(1)).finally(() =>
    server.process.stop(),
  );
  return { readyMs, firstEventMs: seconds * 1000 };
}

async function measure(journal: Journal): Promise<Figures> {
  const ordinary = await readyAfter(journal, "SIGTERM");
  const killed = await readyAfter(journal, "SIGKILL");
  return {
    "ms to ready": ordinary.readyMs,
    "ms to ready after kill -9": killed.readyMs,
    "ms from ready to the first event replayed": ordinary.firstEventMs,
  };
}

export const restart: Workload = {
  name: "restart",
  about: `start with a journal and ${openCalls.toLocaleString("en")} open calls`,
  durable: false,
  compared: { "ms to ready": "less", "ms to ready after kill -9": "less" },
  measurements(settings) {
    const size = new JournalSize(settings);
    const shape = { calls: openCalls };
    return [
      reading(callwire, true, settings, size, shape, measure),
      ...[jetStreamReading, redis].map((contender) => reading(contender, false, settings, size, shape, measure)),
    ];
  },
};
