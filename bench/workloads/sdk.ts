/** Replay by each SDK, beside the generated stub of its language. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { callwire } from "../contenders.ts";
import { Journal, JournalSize } from "../journal.ts";
import { spawnBounded } from "../server-process.ts";
import type { Figures, Measurement, Settings, Workload } from "../workload.ts";

const root = join(import.meta.dirname, "../..");
const events = 1_000_000;
/** A language that compiles as it runs is as fast as it gets after so many. */
const warmUpEvents = 200_000;
const mebibyte = 1024 * 1024;

/** What a reader prints: sdk/LANGUAGE/bench. */
interface Report {
  events: number;
  seconds: number;
  /** Of the reader, all threads. */
  cpuSeconds: number;
  /** Bytes, when a tenth was read. */
  residentAtTenth: number;
  residentAtEnd: number;
}

interface Reader {
  name: string;
  /** One line of shell, run from the root, which builds and starts it. */
  command: string;
}

/** One for each `sdk/LANGUAGE/bench/command`, and for each `command-VARIANT` beside it, of the languages that can be built. */
function readers(): Reader[] {
  return readdirSync(join(root, "sdk"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && hasToolchain(entry.name))
    .flatMap(({ name: language }) => {
      const folder = join(root, "sdk", language, "bench");
      const files = readdirSync(folder).filter((file) => /^command(-|$)/.test(file));
      return files.sort().map((file) => ({
        name: language + file.slice("command".length),
        command: readFileSync(join(folder, file), "utf8").trim(),
      }));
    });
}

function hasToolchain(language: string): boolean {
  return spawnSync(join(root, "scripts/has-toolchain.sh"), [language]).status === 0;
}

async function read({ name, command }: Reader, by: "sdk" | "stub", url: string, expected: number): Promise<Report> {
  const args = ["-c", command, name, by, url, String(Math.min(warmUpEvents, expected))];
  const child = spawnBounded("sh", args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the reader of ${name} ended with ${code}`);
  const report = JSON.parse(text) as Report;
  if (report.events !== expected) throw new Error(`${name} read ${report.events} events of ${expected} (${by})`);
  return report;
}

/** One after the other on the same server; which comes first changes with the round. */
async function measure(reader: Reader, journal: Journal, sdkFirst: boolean): Promise<Figures> {
  return journal.serving(async (server) => {
    const url = `http://${server.address}`;
    const take = (by: "sdk" | "stub"): Promise<Report> => read(reader, by, url, journal.events);
    const first = await take(sdkFirst ? "sdk" : "stub");
    const second = await take(sdkFirst ? "stub" : "sdk");
    const [sdk, stub] = sdkFirst ? [first, second] : [second, first];
    return {
      "events/s, SDK": sdk.events / sdk.seconds,
      "events/s, stub": stub.events / stub.seconds,
      "SDK : stub, events/s": stub.seconds / sdk.seconds,
      "SDK : stub, events/s of the reader's CPU": stub.cpuSeconds / sdk.cpuSeconds,
      "µs of the reader's CPU an event, SDK": (sdk.cpuSeconds * 1e6) / sdk.events,
      "MiB resident, SDK, at a tenth": sdk.residentAtTenth / mebibyte,
      "MiB resident, SDK, at the end": sdk.residentAtEnd / mebibyte,
    };
  });
}

export const sdk: Workload = {
  name: "sdk",
  about: "a replay of a million decoded events by each SDK, and by the generated stub of its language",
  durable: false,
  compared: {},
  measurements(settings: Settings): Measurement[] {
    const sized = { ...settings, events: settings.events ?? (settings.short ? undefined : events) };
    const journal = new Journal(callwire, new JournalSize(sized), {}, sized);
    let filled: Promise<void> | undefined;
    return readers().map((reader) => {
      let round = 0;
      return {
        name: reader.name,
        own: true,
        prepare: () => (filled ??= journal.fill(sized, true)),
        measure: () => measure(reader, journal, round++ % 2 === 0),
        dispose: async () => journal.remove(),
      };
    });
  },
};
