/** Keeps the imports of src/ going one way, so that the layout stays the architecture. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { expect, test } from "vitest";

const src = join(import.meta.dirname, "../src");

const pure = ["wire", "events", "sessions", "filters", "masking"];
const leaves = ["config", "errors", "telemetry"];
const log = ["auth", ...pure, ...leaves];
const fanout = ["log", ...log];
const surfaces = ["fanout", "http2", ...fanout];
const server = ["rpc", "webhook", "console", ...surfaces];

/** What the files of a folder may import from the other folders of src/. */
const mayImport: Record<string, string[]> = {
  errors: [],
  config: ["errors"],
  telemetry: ["errors", "config"],
  wire: [],
  events: ["errors", ...pure],
  sessions: ["errors", ...pure],
  filters: ["errors", ...pure],
  masking: ["errors", ...pure],
  log,
  http2: [],
  fanout,
  auth: [...pure, ...leaves],
  rpc: surfaces,
  webhook: surfaces,
  console: surfaces,
  server,
  simulator: ["errors"],
  testkit: ["server", "simulator", "config", "errors"],
  cli: ["testkit", "server", "simulator", "config", "errors", "telemetry"],
};

const insteadOf: Record<string, string> = {
  pure: "keep it pure: take what you need as an argument, and let the caller fetch it.",
  leaf: "a leaf knows nothing of the layers above: move the code that needs both up to where they meet.",
  simulator:
    "the simulator is a contact centre outside the gateway: talk to it over HTTP, and import it only in testkit, cli and tests.",
  layer:
    "imports go cli -> testkit -> server -> rpc, webhook -> fanout -> log, filters, sessions, events, wire: move the shared part down, or pass it in from above.",
};

interface Import {
  file: string;
  folder: string;
  target: string;
}

const specifiers = /(?:\bfrom\s*|\bimport\s*\(\s*|^import\s*)"([^"]+)"/gm;

const imports: Import[] = readdirSync(src, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts") && path.includes("/"))
  .flatMap((file) =>
    [...readFileSync(join(src, file), "utf8").matchAll(specifiers)].map((match) => ({
      file: `src/${file}`,
      folder: file.split("/")[0]!,
      target: match[1]!.startsWith(".") ? posix.join("src", posix.dirname(file), match[1]!) : match[1]!,
    })),
  );

function complain({ file, target }: Import, advice: string): string {
  return `${file} imports ${target}: ${advice}`;
}

test("every folder of src/ has its place among the layers", () => {
  const unknown = [...new Set(imports.map(({ folder }) => folder))].filter((folder) => mayImport[folder] === undefined);
  expect(unknown, `say in ${relative(process.cwd(), import.meta.filename)} what these may import`).toEqual([]);
});

test("folders import only from the layers below", () => {
  const complaints = imports
    .filter(({ folder, target }) => {
      const [top, other] = target.split("/");
      return top === "src" && other !== folder && !mayImport[folder]?.includes(other!);
    })
    .map((wrong) => complain(wrong, insteadOf[adviceFor(wrong)]!));
  expect(complaints).toEqual([]);
});

/** Pure functions that are not ours: the keyed hashes of masks, and the nearest name for a message. */
const pureFunctions: Record<string, string[]> = { masking: ["node:crypto", "fastest-levenshtein"] };

test("the pure folders import no platform and no package but @bufbuild", () => {
  const complaints = imports
    .filter(({ folder, target }) => pure.includes(folder) && !/^(src|gen|@bufbuild)\//.test(target))
    .filter(({ folder, target }) => !pureFunctions[folder]?.includes(target))
    .map((wrong) => complain(wrong, insteadOf.pure!));
  expect(complaints).toEqual([]);
});

test("nothing of src/ imports tests, scripts or benchmarks", () => {
  const complaints = imports
    .filter(({ target }) => /^(test|scripts|bench|\.\.)(\/|$)/.test(target))
    .map((wrong) => complain(wrong, "move what it needs into src/."));
  expect(complaints).toEqual([]);
});

function adviceFor({ folder, target }: Import): string {
  if (folder === "simulator" || target.startsWith("src/simulator/")) return "simulator";
  if (pure.includes(folder)) return "pure";
  return leaves.includes(folder) ? "leaf" : "layer";
}
