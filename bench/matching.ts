/** What it costs to find the filters that an event matches, by itself and in this process. */
import { create } from "@bufbuild/protobuf";
import { CallEventSchema } from "../gen/ts/callwire/v1/event_pb.ts";
import { type Filter, FilterSchema } from "../gen/ts/callwire/v1/filter_pb.ts";
import { CallState, Direction, ParticipantState, ParticipantType } from "../gen/ts/callwire/v1/state_pb.ts";
import { type BlockKeys, BlockKeysBuilder } from "../src/filters/block-keys.ts";
import { type CompiledFilter, compileFilters } from "../src/filters/compile.ts";
import { addEventKeys } from "../src/filters/event-keys.ts";
import { clauseHolds, FilterIndex } from "../src/filters/filter-index.ts";
import { spread } from "./summary.ts";
import type { Figures } from "./workload.ts";

const eventsPerBlock = 64;
const indexBlocks = 400;
/** Scanning 10,000 filters takes milliseconds an event. */
const scanBlocks = 1;
const passes = 7;
const sizes = [10, 100, 1_000, 10_000];

/** Blocks of events spread evenly over so many queues and agents. */
function blocksOf(spreadOver: number, count: number): BlockKeys[] {
  return Array.from({ length: count }, (_, block) => {
    const keys = new BlockKeysBuilder();
    for (let i = block * eventsPerBlock; i < (block + 1) * eventsPerBlock; i++) {
      const [queue, agent] = [`queue-${i % spreadOver}`, String(1_000 + (i % spreadOver))];
      const value = create(CallEventSchema, {
        callId: `call-${i % 5_000}`,
        state: CallState.CONNECTED,
        direction: Direction.INCOMING,
        queuePathIds: ["1", "2", "3"],
        queuePathNames: [queue, "orders", "status"],
        language: "en",
        participants: [{ participantId: agent, type: ParticipantType.AGENT, state: ParticipantState.CONNECTED }],
      });
      addEventKeys(keys, { case: "call", value }, "ccai", () => undefined);
      keys.endEvent();
    }
    return keys.build();
  });
}

function compile(filter: Partial<Omit<Filter, "$typeName">>): readonly CompiledFilter[] {
  const limits = { maxFilters: 1, maxFilterValues: 10_000 };
  return compileFilters({ f: create(FilterSchema, filter) }, limits).filters;
}

const oneQueueEach = (count: number): (readonly CompiledFilter[])[] =>
  Array.from({ length: count }, (_, index) => compile({ queueNames: [`queue-${index}`] }));

/** The median of several passes over all blocks, in microseconds an event. Every event has to match once. */
function microseconds(blocks: readonly BlockKeys[], match: (keys: BlockKeys) => number): number {
  const events = blocks.length * eventsPerBlock;
  return spread(
    Array.from({ length: passes }, () => {
      const start = performance.now();
      let matches = 0;
      for (const keys of blocks) matches += match(keys);
      const took = performance.now() - start;
      if (matches !== events) throw new Error(`${matches} matches of ${events} events`);
      return (took * 1000) / events;
    }),
  ).median;
}

function byIndex(owners: readonly (readonly CompiledFilter[])[], blocks: readonly BlockKeys[]): number {
  const index = new FilterIndex<number>();
  owners.forEach((filters, owner) => {
    index.add(owner, filters);
  });
  return microseconds(blocks, (keys) => {
    let matches = 0;
    index.match(keys, () => matches++);
    return matches;
  });
}

const figure = (count: number): string => `µs to match an event, ${count.toLocaleString("en")} filters`;

export function matchingByIndex(): Figures {
  const figures: Figures = {};
  for (const count of sizes) figures[figure(count)] = byIndex(oneQueueEach(count), blocksOf(count, indexBlocks));
  // The more queues, the more distinct keys a block has. The same events and as many matches tell what the filters cost.
  const events = blocksOf(10_000, indexBlocks);
  const shared = Array.from({ length: 10 }, (_, owner) =>
    compile({ queueNames: Array.from({ length: 1_000 }, (__, other) => `queue-${10 * other + owner}`) }),
  );
  const ofShared = byIndex(shared, events);
  figures["µs to match an event, 10 filters, events as for 10,000"] = ofShared;
  figures["10,000 filters to 10"] = figures[figure(10_000)]! / figures[figure(10)]!;
  figures["10,000 filters to 10, same events"] = figures[figure(10_000)]! / ofShared;
  const blocks = blocksOf(100, indexBlocks);
  // Besides the value that occurs, each filter has others of its own that do not.
  const wide = (values: number, name: (value: number | string) => string, field: "queueNames" | "agentIds") =>
    Array.from({ length: 100 }, (_, owner) => {
      const others = Array.from({ length: values - 1 }, (__, other) => name(`x${owner}-${other}`));
      return compile({ [field]: [name(owner), ...others] });
    });
  const queue = (value: number | string): string => `queue-${value}`;
  const agent = (value: number | string): string => (typeof value === "number" ? String(1_000 + value) : value);
  figures["µs to match an event, 100 filters of 500 queues"] = byIndex(wide(500, queue, "queueNames"), blocks);
  figures["µs to match an event, 100 filters of 5,000 agents"] = byIndex(wide(5_000, agent, "agentIds"), blocks);
  return figures;
}

export function matchingByScan(): Figures {
  const figures: Figures = {};
  for (const count of sizes) {
    const owners = oneQueueEach(count);
    figures[figure(count)] = microseconds(blocksOf(count, scanBlocks), (keys) => {
      let matches = 0;
      for (let ordinal = 0; ordinal < eventsPerBlock; ordinal++) {
        for (const filters of owners) {
          if (filters.some(({ clauses }) => clauses.every((clause) => clauseHolds(clause, keys, ordinal)))) matches++;
        }
      }
      return matches;
    });
  }
  return figures;
}
