/**
 * `npm run fuzz [-- --seed N --count N]`: posts mutated bodies to a real gateway's webhook and stops at the first answer that
 * is not documented. Every body is made from the seed and its number, so a failure is repeated with `--first N --count 1`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Random } from "../../src/simulator/random.ts";
import { runningGateway } from "../interop/running-gateway.ts";
import { type WebhookAnswer, WebhookConnection, webhookRequest } from "./webhook-connection.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "10000" },
    first: { type: "string", default: "0" },
  },
});
const [seed, count, first] = [Number(values.seed), Number(values.count), Number(values.first)];
const connections = 32;

const folder = new URL("../payloads/", import.meta.url);
const samples = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => readFileSync(new URL(name, folder)));
const splices = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "null",
  "\\u0000",
  "\\ud800",
  "1e999",
  "-0",
  "18446744073709551616",
  "\ufeff",
  "__proto__",
];

/** A sample with bytes changed, cut, doubled or spliced in. */
function body(index: number): Buffer {
  const random = new Random((seed * 1_000_003 + index) | 0);
  let bytes = Buffer.from(random.choose(samples));
  for (let change = random.int(1, 4); change > 0; change--) {
    const at = random.int(0, Math.max(bytes.length - 1, 0));
    const to = Math.min(bytes.length, at + random.int(0, 40));
    const part = [
      Buffer.from([random.int(0, 255)]),
      Buffer.alloc(0),
      Buffer.concat([bytes.subarray(at, to), bytes.subarray(at, to)]),
      Buffer.from(random.choose(splices)),
    ][random.int(0, 3)]!;
    bytes = Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(to)]);
  }
  return bytes;
}

/** What is wrong with an answer, if anything. */
function fault({ status, text }: WebhookAnswer): string | undefined {
  if (status !== 200 && status !== 400) return `status ${status}`;
  const answer = JSON.parse(text) as { accepted?: number; reason?: string };
  if (status === 200 && !(answer.accepted! > 0)) return "200 without an accepted event";
  if (status === 400 && !/^[A-Z_0-9]+$/.test(answer.reason ?? "")) return "400 without a reason";
  return /\n\s+at /.test(text) ? "a stack trace" : undefined;
}

const running = await runningGateway();
const url = new URL("/webhooks/default/ccai", running.gateway.url);
const statuses = new Map<number, number>();
let next = first;
let failed = false;
await Promise.all(
  Array.from({ length: connections }, async () => {
    const connection = new WebhookConnection(url);
    while (next < first + count && !failed) {
      const index = next++;
      const answer = await connection.send(webhookRequest(url, body(index)));
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const wrong = fault(answer);
      if (wrong === undefined) continue;
      failed = true;
      console.error(`body ${index} of seed ${seed}: ${wrong}\n${answer.text}\n${body(index).toString("latin1")}`);
    }
    connection.close();
  }),
);
await running.dispose();
console.log(`${next - first} bodies, seed ${seed}: ${JSON.stringify(Object.fromEntries(statuses))}`);
process.exitCode = failed ? 1 : 0;
