/** Whether a run went as its case says. Every problem is a sentence. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Amount, describeAmount, differences, isAmount } from "./amount.ts";
import type { Expectation } from "./case.ts";
import { numbersOf, rangesOf } from "./ranges.ts";
import type { Stage } from "./stage.ts";
import { readJson } from "./steps.ts";
import type { DriverEvent, Transcript } from "./transcript.ts";

export function judge(expected: Expectation, transcript: Transcript, stage: Stage): string[] {
  const { done } = transcript;
  if (done === undefined) return [transcript.died ?? "the driver did not say that it was done"];
  const says = (name: "deliveries" | "reconnects" | "done" | "messages" | "files"): unknown =>
    stage.fill(expected[name]);
  const { elapsed_ms: elapsed, bytes } = expected;
  return [
    ...differences(says("done"), done, "done"),
    ...always(transcript),
    ...judgeEvents(expected, transcript, stage),
    ...(expected.deliveries === undefined
      ? []
      : differences(says("deliveries"), deliveriesOf(expected, transcript), "deliveries")),
    ...judgeSequence(expected, transcript, stage),
    ...Object.entries(expected.matches ?? {}).flatMap(([number, names]) =>
      differences(names, eventOf(transcript, stage, number)?.matches, `matches of event ${number}`),
    ),
    ...Object.entries((says("messages") ?? {}) as object).flatMap(([number, message]) =>
      differences(message, eventOf(transcript, stage, number)?.message, `message of event ${number}`),
    ),
    ...Object.entries(expected.statuses ?? {}).flatMap(([kind, amount]) =>
      judgeAmount(`statuses ${kind}`, amount, transcript.countOf(kind)),
    ),
    ...judgeReconnects(says("reconnects") as unknown[] | undefined, transcript),
    ...judgeRequests(expected, stage),
    ...(elapsed === undefined ? [] : judgeAmount("elapsed_ms", elapsed, Math.round(transcript.elapsedMs))),
    ...(bytes === undefined ? [] : judgeAmount("bytes towards the SDK", bytes, stage.proxy.counts.bytes)),
    ...(expected.faults_left === undefined
      ? []
      : judgeAmount("faults left", expected.faults_left, stage.proxy.counts.faultsLeft)),
    ...Object.entries((says("files") ?? {}) as object).flatMap(([name, json]) =>
      differences(json, readJson(join(stage.folder, name)), name),
    ),
    ...(stage.scripted?.complaints ?? []),
  ];
}

function judgeAmount(name: string, expected: number | Amount, actual: number): string[] {
  return isAmount(expected, actual) ? [] : [`${name}: ${actual}, not ${describeAmount(expected)}`];
}

/** What no run may break: order, no repeats, cursors that are their event's. */
function always({ events, done }: Transcript): string[] {
  const problems: string[] = [];
  let last = 0n;
  for (const { offset, cursor } of events) {
    if (BigInt(offset) <= last) problems.push(`event ${offset} came after event ${last}`);
    last = BigInt(offset);
    if (!/^[0-9a-f]{8}-\d+$/.test(cursor) || cursor.slice(9) !== offset) {
      problems.push(`event ${offset} has the cursor ${cursor}`);
    }
  }
  if (events.length > 0 && done!.events !== undefined && done!.events > events.length) {
    problems.push(`done tells of ${done!.events} events, ${events.length} were reported`);
  }
  return problems.slice(0, 5);
}

function judgeEvents(expected: Expectation, transcript: Transcript, stage: Stage): string[] {
  const { events, event_count: amount } = expected;
  const counted = amount === undefined ? [] : judgeAmount("events", amount, transcript.events.length);
  if (events === undefined) return counted;
  const offsets = numbersOf(events).map((number) => stage.offsetOf(number));
  const digest = transcript.done!.digest;
  if (transcript.events.length === 0 && digest !== undefined && offsets.length > 0) {
    const right = createHash("sha256")
      .update(offsets.map((offset) => `${offset}\n`).join(""))
      .digest("hex");
    const same = digest === right && transcript.done!.events === offsets.length;
    return same
      ? counted
      : [...counted, `${transcript.done!.events} events whose digest is not that of ${offsets.length} expected`];
  }
  const seen = transcript.events.map(({ offset }) => offset);
  if (seen.join() === offsets.join()) return counted;
  const lost = offsets.filter((offset) => !seen.includes(offset)).map(Number);
  const foreign = seen.filter((offset) => !offsets.includes(offset)).map(Number);
  const what = [
    ...(lost.length > 0 ? [`without offsets ${rangesOf(lost)}`] : []),
    ...(foreign.length > 0 ? [`with ${rangesOf(foreign)}, which nobody asked for`] : []),
  ];
  return [...counted, `events came ${what.join(" and ") || `as ${rangesOf(seen.map(Number))}`}`];
}

function eventOf(transcript: Transcript, stage: Stage, number: string): DriverEvent | undefined {
  const offset = stage.offsetOf(number);
  return transcript.events.find((event) => event.offset === offset);
}

function deliveriesOf(expected: Expectation, { deliveries }: Transcript): unknown[] {
  const namesGoingAway = expected.deliveries!.some((delivery) => (delivery as { kind?: string }).kind === "going_away");
  return namesGoingAway ? deliveries : deliveries.filter(({ kind }) => kind !== "going_away");
}

function judgeSequence({ sequence }: Expectation, transcript: Transcript, stage: Stage): string[] {
  if (sequence === undefined) return [];
  const expected = sequence.flatMap((word) => {
    if (/^\d+$/.test(word)) return [stage.offsetOf(word)];
    return /^[\d,-]+$/.test(word) ? numbersOf(word).map((number) => stage.offsetOf(number)) : [word];
  });
  const actual = transcript.sequence
    .map((item) => (typeof item === "string" ? item : item.offset))
    .filter((item) => item !== "going_away" || sequence.includes(item));
  return differences(expected, actual, "sequence");
}

function judgeReconnects(expected: unknown[] | undefined, { statuses }: Transcript): string[] {
  if (expected === undefined) return [];
  const reconnecting = statuses.filter(({ kind }) => kind === "reconnecting");
  return expected.flatMap((one, index) => differences(one, reconnecting[index], `reconnecting[${index}]`));
}

function judgeRequests({ requests, credentials }: Expectation, stage: Stage): string[] {
  const seen = stage.requests;
  const { count, first, last } = requests ?? {};
  return [
    ...(count === undefined ? [] : judgeAmount("requests", count, seen.length)),
    ...((stage.fill(first) as unknown[] | undefined) ?? []).flatMap((one, index) =>
      differences(one, seen[index], `request[${index}]`),
    ),
    ...(last === undefined ? [] : differences(stage.fill(last), seen.at(-1), "the last request")),
    ...(credentials === undefined
      ? []
      : differences(
          credentials,
          stage.scripted!.requests.map(({ authorization }) => authorization),
          "credentials",
        )),
  ];
}
