/**
 * For random policies and random events: what a credential receives on every path is what a slow, obvious function allows.
 *
 * Every event carries texts that occur in no other (a part of its queue's name, an external party's number, a media id,
 * a custom header). So a text of a hidden event that is found in anything that a credential receives is a leak, whichever way
 * it came: through a session, a snapshot, an agent, an explanation.
 */
import { equals, toBinary, toJsonString } from "@bufbuild/protobuf";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AgentSchema } from "../../gen/ts/callwire/v1/call_pb.ts";
import { type Event, EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { type Filter, FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { CallState, Direction } from "../../gen/ts/callwire/v1/state_pb.ts";
import {
  EventView,
  ExplainEventResponseSchema,
  Scope,
  StartPosition,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { type MaskProfile, unmasked } from "../../src/masking/mask-profile.ts";
import { bearer, type Caller, callerWith, reasonOf } from "../interop/caller.ts";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";
import { referenceMask } from "../masking/reference-mask.ts";

const hashKey = "0123456789abcdef0123456789abcdef";
const env = { ROOT: "root-0123456789abcdef0123456789", HASH: hashKey };
const profiles: Record<string, Omit<MaskProfile, "privileged">> = {
  "": { ...unmasked, id: "" },
  hashed: { id: "hashed", personal: "hash", sensitive: "drop", fields: {}, hashKey: Buffer.from(hashKey) },
  dropped: { id: "dropped", personal: "drop", sensitive: "show", fields: {}, hashKey: undefined },
  fields: {
    id: "fields",
    personal: "last_four",
    sensitive: "show",
    fields: { "CallEvent.media_id": "drop", "Participant.media_id": "hash" },
    hashKey: Buffer.from(hashKey),
  },
};
const yaml = `
tenants:
  - {id: acme, sources: [{id: ccai}]}
  - {id: globex, sources: [{id: ccai}]}
credentials:
  - {id: root, api_key: {env: ROOT}, tenants: [acme, globex], permissions: [subscribe, publish, observe, admin], privileged: true}
masks:
  hashed: {personal: hash, sensitive: drop, hash_key: {env: HASH}}
  dropped: {personal: drop, sensitive: show}
  fields: {personal: last_four, sensitive: show, fields: {CallEvent.media_id: drop, Participant.media_id: hash}, hash_key: {env: HASH}}
`;

let running: RunningGateway;
let root: Caller;
beforeAll(async () => {
  running = await runningGateway(yaml, env);
  root = callerWith(running.gateway.url, bearer(env.ROOT));
});
afterAll(async () => {
  root.close();
  await running.dispose();
});

interface Step {
  call: number;
  state: string;
  queue: string | undefined;
  agent: string | undefined;
  agentState: string;
  hasExternal: boolean;
  direction: string | undefined;
}

const step: fc.Arbitrary<Step> = fc.record({
  call: fc.integer({ min: 0, max: 2 }),
  state: fc.constantFrom("ringing", "connected", "connected", "held", "transferred", "disconnected"),
  queue: fc.option(fc.constantFrom("support", "sales"), { nil: undefined }),
  agent: fc.option(fc.constantFrom("7", "8"), { nil: undefined }),
  agentState: fc.constantFrom("connected", "connected", "held", "redacted", "unredacted", "disconnected"),
  hasExternal: fc.boolean(),
  direction: fc.option(fc.constantFrom("incoming", "outgoing"), { nil: undefined }),
});

interface Given {
  filters: Partial<Filter>[];
  view: "basic" | "full";
  mask: string;
  privileged: boolean;
}

const forced: Partial<Filter>[] = [
  { queueNames: ["support"] },
  { queueNames: ["sales"] },
  { agentIds: ["7"] },
  { agentIds: ["8"] },
  { directions: [Direction.INCOMING] },
  { callStates: [CallState.CONNECTED, CallState.HELD] },
  { queueNames: ["support"], agentIds: ["7"] },
];
const policy: fc.Arbitrary<Given> = fc.record({
  filters: fc.array(fc.constantFrom(...forced), { minLength: 0, maxLength: 2 }),
  view: fc.constantFrom("basic", "full"),
  mask: fc.constantFrom(...Object.keys(profiles)),
  privileged: fc.boolean(),
});

/** The texts of an event that no other has. */
const tokensOf = (run: number, index: number): string[] => [
  `queue-r${run}e${index}x`,
  `+1555${String(run).padStart(3, "0")}${String(index).padStart(3, "0")}00`,
  `media-r${run}e${index}x`,
  `header-r${run}e${index}x`,
];
const callId = (run: number, call: number): string => `r${run}c${call}`;

function bodyOf(
  run: number,
  index: number,
  { call, state, queue, agent, agentState, hasExternal, direction }: Step,
): string {
  const [segment, number, media, header] = tokensOf(run, index);
  const participants = [
    ...(agent === undefined ? [] : [{ ParticipantID: agent, Type: "agent", State: agentState }]),
    ...(hasExternal ? [{ ParticipantID: number, Type: "external", State: "connected", MediaID: media }] : []),
  ];
  const item = {
    CallID: callId(run, call),
    State: state,
    Participants: participants,
    CustomHeaders: { note: header },
    ...(queue === undefined ? {} : { Queue_path_names: `${queue}/${segment}` }),
    ...(direction === undefined ? {} : { Direction: direction }),
  };
  return JSON.stringify({ type: "CallState", item });
}

async function publish(tenant: string, bodies: readonly string[]): Promise<string[]> {
  const items = bodies.map((value) => ({ event: { case: "json" as const, value } }));
  const { results } = await root.ingest.publishEvents({ tenant, source: "ccai", items });
  return results.map(({ cursor }) => cursor);
}

/** Every value of an event that a filter can be compared with, told to one who may see everything. */
async function valuesOf(cursor: string): Promise<Map<string, Set<string>>> {
  const all = {
    queueNames: ["-"],
    agentIds: ["-"],
    directions: [Direction.INCOMING],
    callStates: [CallState.CONNECTED],
  };
  const { filters } = await root.subscriptions.explainEvent({ tenant: "acme", cursor, filters: { all } });
  return new Map(
    filters[0]!.clauses.map(({ field, eventValues }) => [field, new Set(eventValues.map(({ value }) => value))]),
  );
}

/** The reference: one of the forced filters has, in each of its conditions, a value of the event. */
function isAllowed(filters: readonly Partial<Filter>[], values: Map<string, Set<string>>): boolean {
  if (filters.length === 0) return true;
  return filters.some((each) =>
    Object.entries(each).every(([name, wanted]) => {
      const field = FilterSchema.fields.find(({ localName }) => localName === name)!;
      const texts = (wanted as (string | number)[]).map((value) =>
        typeof value === "number" ? field.enum!.value[value]!.name : value,
      );
      return texts.some((text) => values.get(field.name)?.has(text));
    }),
  );
}

interface Truth {
  run: number;
  cursors: string[];
  /** As one sees them who may see everything. */
  basic: Event[];
  full: Event[];
  values: Map<string, Set<string>>[];
  from: string;
}

const bytesOf = (event: Event): Uint8Array => toBinary(EventSchema, event);

/** Collects a stream's events until it has looked at everything up to a cursor. */
async function collected(stream: AsyncIterable<{ events: Event[]; cursor: string }>, last: string): Promise<Event[]> {
  const offset = Number(last.split("-")[1]);
  const events: Event[] = [];
  for await (const response of stream) {
    events.push(...response.events);
    if (Number(response.cursor.split("-")[1]) >= offset) break;
  }
  return events;
}

async function makeCaller(given: Given, run: number): Promise<Caller> {
  const { filters, view, mask, privileged } = given;
  const { secret } = await root.admin.createApiKey({
    key: {
      name: `r${run}`,
      tenants: ["acme"],
      permissions: ["subscribe", "observe"],
      filters: filters as Filter[],
      view: view === "basic" ? EventView.BASIC : EventView.FULL,
      mask,
      privileged,
    },
  });
  return callerWith(running.gateway.url, bearer(secret));
}

/** Texts that the policy hides in everything that was received. */
async function received(caller: Caller, truth: Truth, view: EventView): Promise<string> {
  const { run, cursors, from } = truth;
  const last = cursors.at(-1)!;
  const texts: string[] = [];
  const range = { position: { case: "afterCursor" as const, value: from } };
  const full = {
    ...range,
    view,
    scope: Scope.CALL,
    filters: { all: { callIds: [0, 1, 2].map((n) => callId(run, n)) } },
  };
  texts.push(
    ...(await collected(caller.subscriptions.subscribe(full), last)).map((event) => toJsonString(EventSchema, event)),
  );
  for await (const { sessions, notice } of caller.subscriptions.subscribe({ ...range, includeSnapshot: true, view })) {
    texts.push(...sessions.map((session) => toJsonString(SessionSchema, session)));
    if (notice.case === "snapshotEnd") break;
  }
  for await (const { sessions, notice } of caller.calls.watchCalls({})) {
    texts.push(...sessions.map((session) => toJsonString(SessionSchema, session)));
    if (notice.case === "snapshotEnd") break;
  }
  texts.push(...(await caller.calls.listCalls({})).sessions.map((session) => toJsonString(SessionSchema, session)));
  texts.push(...(await caller.calls.listAgents({})).agents.map((agent) => toJsonString(AgentSchema, agent)));
  for (const call of [0, 1, 2]) {
    for (const asOfCursor of ["", ...cursors]) {
      const got = caller.calls.getCall({ id: { case: "callId", value: callId(run, call) }, asOfCursor });
      texts.push(
        await got.then(
          ({ session }) => toJsonString(SessionSchema, session!),
          () => "",
        ),
      );
    }
  }
  const asked = { all: { queueNames: ["support"], agentIds: ["7"], directions: [Direction.OUTGOING] } };
  for (const cursor of cursors) {
    const got = caller.subscriptions.explainEvent({ cursor, filters: asked });
    texts.push(
      await got.then(
        (response) => toJsonString(ExplainEventResponseSchema, response),
        () => "",
      ),
    );
  }
  return texts.join("\n");
}

async function judge(given: Given, caller: Caller, live: Promise<Event[]>, truth: Truth): Promise<void> {
  const { run, cursors, basic, full, values, from } = truth;
  const profile: MaskProfile = { ...profiles[given.mask]!, privileged: given.privileged };
  const seen = basic.map((_, index) => isAllowed(given.filters, values[index]!));
  const masked = (events: readonly Event[]): Event[] =>
    events
      .filter((_, index) => seen[index])
      .map((event) => referenceMask(EventSchema, bytesOf(event), profile) as Event);
  const same = (events: readonly Event[], expected: readonly Event[], path: string): void => {
    const printed = (list: readonly Event[]) => list.map((event) => toJsonString(EventSchema, event));
    expect(printed(events), path).toEqual(printed(expected));
    expect(
      events.every((event, index) => equals(EventSchema, event, expected[index]!)),
      path,
    ).toBe(true);
  };
  const range = { position: { case: "afterCursor" as const, value: from } };
  const page = { ...range, pageSize: 5 };
  const listed: Event[] = [];
  for (let pageToken = ""; ; ) {
    const { events, nextPageToken } = await caller.subscriptions.listEvents({ ...page, pageToken });
    listed.push(...events);
    pageToken = nextPageToken;
    if (pageToken === "") break;
  }
  same(listed, masked(basic), "ListEvents");
  const down = await caller.subscriptions.listEvents({ ...range, orderBy: "offset desc" });
  same(down.events.reverse(), masked(basic), "ListEvents, newest first");
  same(await collected(caller.subscriptions.subscribe(range), cursors.at(-1)!), masked(basic), "replay");
  same(await live, masked(basic), "live");

  const fullView = { ...range, view: EventView.FULL };
  if (given.view === "basic") {
    expect(await reasonOf(caller.subscriptions.listEvents(fullView))).toBe("VIEW_NOT_ALLOWED");
    expect(await reasonOf(caller.subscriptions.subscribe(fullView))).toBe("VIEW_NOT_ALLOWED");
  } else {
    const { events } = await caller.subscriptions.listEvents(fullView);
    if (given.filters.length === 0) same(events, masked(full), "ListEvents, FULL");
    expect(events.map(({ offset }) => offset)).toEqual(masked(full).map(({ offset }) => offset));
  }
  // An event that is not shown is not there, also for those who know its cursor.
  for (const [index, cursor] of cursors.entries()) {
    const explained = caller.subscriptions.explainEvent({
      cursor,
      filters: { a: { directions: [Direction.INCOMING] } },
    });
    expect(await reasonOf(explained), cursor).toBe(seen[index] ? "OK" : "NOT_FOUND");
  }
  const text = await received(caller, truth, given.view === "full" ? EventView.FULL : EventView.BASIC);
  for (let index = 0; index < cursors.length; index++) {
    const [, number, , header] = tokensOf(run, index);
    if (!seen[index]) for (const token of tokensOf(run, index)) expect(text).not.toContain(token);
    if (profile.personal !== "show") expect(text).not.toContain(number);
    if (profile.personal !== "show" || profile.sensitive !== "show") expect(text).not.toContain(header);
    if (basic[index]!.redactionActive && !given.privileged) expect(text).not.toContain(header);
  }
  expect(text).not.toContain("globex");
}

let runs = 0;
it("every path shows what the policy allows, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 14 }),
      fc.array(policy, { minLength: 2, maxLength: 3 }),
      async (steps, policies) => {
        const run = ++runs;
        const callers = await Promise.all(policies.map((given) => makeCaller(given, run)));
        const { newestCursor: from } = await root.subscriptions.getLogInfo({ tenant: "acme" });
        const live = callers.map(async (caller) => {
          const stream = caller.subscriptions.subscribe({ position: { case: "start", value: StartPosition.LATEST } });
          const iterator = stream[Symbol.asyncIterator]();
          const first = await iterator.next();
          return { first: first.value, rest: { [Symbol.asyncIterator]: () => iterator } };
        });
        const opened = await Promise.all(live);
        const bodies = steps.map((each, index) => bodyOf(run, index, each));
        await publish(
          "globex",
          bodies.map((body) => body.replaceAll("note", "globex")),
        );
        const cursors = await publish("acme", bodies);
        const collecting = opened.map(({ rest }) => collected(rest, cursors.at(-1)!));
        const everything = { tenant: "acme", position: { case: "afterCursor" as const, value: from } };
        const basic = (await root.subscriptions.listEvents(everything)).events;
        const full = (await root.subscriptions.listEvents({ ...everything, view: EventView.FULL })).events;
        const values = await Promise.all(cursors.map(valuesOf));
        const truth = { run, cursors, basic, full, values, from };
        for (const [index, given] of policies.entries()) await judge(given, callers[index]!, collecting[index]!, truth);
        for (const caller of callers) caller.close();
      },
    ),
    { numRuns: 15, seed: 6, endOnFailure: true },
  );
});

it("the reference itself tells what is hidden from what is not", () => {
  const values = new Map([
    ["queue_names", new Set(["support", "support/orders"])],
    ["agent_ids", new Set(["7"])],
  ]);
  expect(isAllowed([{ queueNames: ["support"], agentIds: ["7"] }], values)).toBe(true);
  expect(isAllowed([{ queueNames: ["support"], agentIds: ["8"] }], values)).toBe(false);
  expect(isAllowed([{ agentIds: ["8"] }, { queueNames: ["support"] }], values)).toBe(true);
});
