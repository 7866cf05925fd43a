import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { createContextValues } from "@connectrpc/connect";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CallState } from "../../gen/ts/callwire/v1/state_pb.ts";
import { ListEventsRequestSchema, Scope, SubscribeRequestSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { Access } from "../../src/auth/access.ts";
import { anonymous } from "../../src/auth/make-policy.ts";
import { Quotas } from "../../src/auth/quotas.ts";
import { defaultLimits } from "../../src/config/limits.ts";
import { Fanout } from "../../src/fanout/fanout.ts";
import { readSubscription } from "../../src/fanout/subscription.ts";
import { callerKey } from "../../src/rpc/caller.ts";
import { subscriptionService } from "../../src/rpc/subscription-service.ts";
import { callBody, type TemporaryLog, temporaryLog } from "../log/temporary-log.ts";
import { RecordingSink } from "./recording-sink.ts";

const anyone = new Access(anonymous);

type Request = MessageInitShape<typeof SubscribeRequestSchema>;

const limits = { ...defaultLimits, maxSubscriberQueueBytes: 4_096 };
/** Two conditions that may hold on different events of a call, and one on the agent. */
const filters = {
  held: { queueNames: ["support"], callStates: [CallState.HELD] },
  seven: { agentIds: ["7"] },
};

let temporary: TemporaryLog;
let fanout: Fanout;
beforeAll(async () => {
  temporary = await temporaryLog({ limits });
  fanout = new Fanout(temporary.log, limits);
});
afterAll(async () => {
  await fanout.shutdown(1_000);
  await temporary.dispose();
});

const cursor = (offset: number): string => `${temporary.log.state("default").epoch}-${offset}`;
const head = (): number => temporary.log.state("default").headOffset;

function subscribe(request: Request): { sink: RecordingSink; cancel(): void } {
  const sink = new RecordingSink();
  const subscription = readSubscription(create(SubscribeRequestSchema, request), temporary.log, limits, anyone);
  const open = fanout.subscribe(subscription, sink);
  return { sink, cancel: () => open.cancel() };
}

/** What a bounded subscription delivers after an offset: offset, session and the names of the filters. */
async function history(afterOffset: number, request: Request) {
  const position = { case: "afterCursor" as const, value: cursor(afterOffset) };
  const { sink } = subscribe({ ...request, position, end: { case: "endCursor", value: cursor(head()) } });
  await sink.until(({ ended }) => ended);
  return delivered(sink);
}

function delivered(sink: RecordingSink) {
  return sink.responses.flatMap(({ events, matches }) =>
    events.map(({ offset, sessionOffset }, index) => {
      return { offset: Number(offset), session: Number(sessionOffset), names: matches[index]?.filters ?? [] };
    }),
  );
}

let story = 0;
const stepArbitrary = fc.record({
  call: fc.nat(3),
  state: fc.constantFrom("connected", "held", "ringing"),
  queue: fc.constantFrom("support", "sales"),
  agent: fc.constantFrom("7", "8", "9"),
});
type Step = typeof stepArbitrary extends fc.Arbitrary<infer S> ? S : never;

function publish(run: number, { call, state, queue, agent }: Step): Promise<unknown> {
  const Participants = [{ ParticipantID: agent, Type: "agent", State: "connected" }];
  const body = callBody(`run${run}-${call}`, { State: state, Queue_path_names: queue, Participants });
  return temporary.log.submitBody("default", "ccai", body);
}

/** By the rule: what a filter matched of a session, on this event or an earlier one. */
async function expected() {
  const [all, direct] = [await history(0, {}), await history(0, { filters })];
  const names = new Map(direct.map((event) => [event.offset, event.names]));
  const followed = new Map<number, Set<string>>();
  return all.flatMap(({ offset, session }) => {
    const known = followed.get(session) ?? new Set();
    followed.set(session, known);
    for (const name of names.get(offset) ?? []) known.add(name);
    return known.size === 0 ? [] : [{ offset, session, names: [...known].sort() }];
  });
}

describe("scope CALL", () => {
  it("follows a call from its first match on, live, from any position and in lists alike", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepArbitrary, { minLength: 4, maxLength: 24 }),
        fc.nat(10),
        fc.boolean(),
        async (steps, joinAfter, together) => {
          const run = story++;
          const from = head();
          const early = subscribe({ filters, scope: Scope.CALL });
          await early.sink.caughtUp();
          let late: ReturnType<typeof subscribe> | undefined;
          let lateFrom = 0;
          const pending: Promise<unknown>[] = [];
          for (const [index, step] of steps.entries()) {
            if (index === Math.min(joinAfter, steps.length - 1)) {
              lateFrom = head();
              late = subscribe({
                filters,
                scope: Scope.CALL,
                position: { case: "afterCursor", value: cursor(lateFrom) },
              });
              if (!together) await late.sink.caughtUp();
            }
            pending.push(publish(run, step));
            if (!together) await pending.at(-1);
          }
          await Promise.all(pending);
          const all = await expected();
          for (const after of [0, from, Math.floor((from + head()) / 2)]) {
            const wanted = all.filter(({ offset }) => offset > after);
            expect(await history(after, { filters, scope: Scope.CALL })).toEqual(wanted);
          }
          for (const [subscription, after] of [[early, from] as const, [late!, lateFrom] as const]) {
            const wanted = all.filter(({ offset }) => offset > after);
            await subscription.sink.until(({ offsets }) => offsets.length >= wanted.length);
            expect(delivered(subscription.sink)).toEqual(wanted);
            subscription.cancel();
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it("is the same in lists, in both orders", async () => {
    const service = subscriptionService({
      ...temporary,
      limits,
      retentionMs: undefined,
      serverVersion: "0",
      quotas: new Quotas([]),
      audit: { listed: () => {} },
      sourcesOf: () => ["ccai"],
    });
    const context = { values: createContextValues().set(callerKey, { access: anyone, address: "" }) };
    const all = await expected();
    for (const orderBy of ["offset", "offset desc"]) {
      const found: number[] = [];
      let pageToken = "";
      do {
        const request = create(ListEventsRequestSchema, {
          filters,
          scope: Scope.CALL,
          orderBy,
          pageSize: 7,
          pageToken,
        });
        const page = await service.listEvents!(request, context as never);
        found.push(...(page.events ?? []).map(({ offset }) => Number(offset)));
        pageToken = page.nextPageToken ?? "";
      } while (pageToken !== "");
      const wanted = all.map(({ offset }) => offset);
      expect(found).toEqual(orderBy === "offset" ? wanted : wanted.toReversed());
    }
  });
});
