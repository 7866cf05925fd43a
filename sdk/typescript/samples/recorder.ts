/**
 * The control side of a call recorder: starts a recording when a call is answered, pauses it while a party is redacted,
 * stops it at the call's end, and writes one JSON line a finished call. It goes on where its checkpoint says, without one at
 * the oldest event kept; a crash may write the last line again and loses none.
 *
 *     node recorder.ts --url http://127.0.0.1:7450 --api-key KEY --checkpoint recorder.json --out calls.jsonl
 */
import { appendFile } from "node:fs/promises";
import { parseArgs } from "node:util";
// In a program of your own: from "@callwire/client".
import {
  Client,
  type Delivery,
  type Event,
  EventKind,
  EventView,
  ExpiredCursorPolicy,
  FileCheckpoint,
  type Session,
  StartPosition,
  type SubscriptionStatus,
  Trigger,
} from "../src/index.ts";
import { type RecorderState, Recording, type RecordingLine } from "./recording.ts";

const { values: flags } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:7450" },
    "api-key": { type: "string" },
    checkpoint: { type: "string", default: "recorder.checkpoint" },
    out: { type: "string", default: "recordings.jsonl" },
  },
});

/** The recordings of open calls. Two sources that report one id are two calls. */
const open = new Map<string, Recording>();
/** Whether retention took events; of calls that began before, some may be missing. */
let lostEvents = false;

function tell(call: string, state: RecorderState | "stopped"): void {
  process.stderr.write(`${call}: ${state}\n`);
}

async function handle(delivery: Delivery): Promise<void> {
  if (delivery.kind === "event") return handleEvent(delivery.event);
  if (delivery.kind !== "gap") return;
  process.stderr.write(`events were lost between ${delivery.fromCursor} and ${delivery.toCursor}\n`);
  lostEvents = true;
  for (const recording of open.values()) recording.missEvents();
}

async function handleEvent(event: Event): Promise<void> {
  const { session } = event;
  if (session === undefined) return;
  const call = `${event.source}/${session.sessionId}`;
  const ends = event.changes.includes(Trigger.CALL_ENDED) || event.changes.includes(Trigger.CALL_EXPIRED);
  const known = open.get(call);
  // Wrap-up and the seal come after the end.
  if (known === undefined && !session.open && !ends) return;
  const before = known?.state;
  known?.follow(event, session);
  const recording = known ?? begin(event, session);
  if (recording.state !== before) tell(call, recording.state);
  if (!ends) return void open.set(call, recording);
  open.delete(call);
  await write(recording.finish(event, session));
  tell(call, "stopped");
}

function begin(event: Event, session: Session): Recording {
  const recording = new Recording(event, session);
  if (lostEvents && event.offset !== session.firstOffset) recording.missEvents();
  return recording;
}

/** Returns once the line is on the disk. */
function write(line: RecordingLine): Promise<void> {
  return appendFile(flags.out, `${JSON.stringify(line)}\n`, { flush: true });
}

function onStatus(status: SubscriptionStatus): void {
  if (status.kind !== "reconnecting") return;
  process.stderr.write(`reconnecting in ${Math.round(status.delayMs)} ms: ${status.cause.message}\n`);
}

await using client = new Client({ url: flags.url, credential: flags["api-key"] });
const subscription = client.subscribe({
  filters: { calls: { kinds: [EventKind.CALL] } },
  view: EventView.FULL,
  start: StartPosition.EARLIEST,
  onExpired: ExpiredCursorPolicy.SKIP_WITH_GAP,
  checkpoint: new FileCheckpoint(flags.checkpoint),
  // Saved after each event, so that few lines can come twice.
  save: { everyEvents: 1 },
  onStatus,
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void subscription.close());
await subscription.run(handle);
