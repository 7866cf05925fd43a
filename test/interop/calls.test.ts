import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CallService, CallStatus, type WatchCallsResponse } from "../../gen/ts/callwire/v1/call_pb.ts";
import { AgentState, CallState } from "../../gen/ts/callwire/v1/state_pb.ts";
import {
  Scope,
  StartPosition,
  type SubscribeResponse,
  SubscriptionService,
  ValueOrigin,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { type RunningGateway, runningGateway } from "./running-gateway.ts";

let running: RunningGateway;
let session: Http2SessionManager;
beforeAll(async () => {
  running = await runningGateway();
  session = new Http2SessionManager(running.gateway.url);
});
afterAll(async () => {
  session.abort();
  await running.dispose();
});

const transport = () => createGrpcTransport({ baseUrl: running.gateway.url, sessionManager: session });
const calls = () => createClient(CallService, transport());
const subscriptions = () => createClient(SubscriptionService, transport());

/** Posts a call's event and gives its cursor. */
async function tell(CallID: string, State: string, item: object = {}, source = "ccai"): Promise<string> {
  const body = JSON.stringify({ type: "CallState", item: { CallID, State, ...item } });
  const response = await running.post(body, { path: `/webhooks/default/${source}` });
  return ((await response.json()) as { cursors: string[] }).cursors[0]!;
}
const agent = (ParticipantID: string, State = "connected"): object => ({
  Participants: [{ ParticipantID, Type: "agent", State }],
});
const queue = (Queue_path_names: string): object => ({ Queue_path_names });

describe("GetCall", () => {
  it("shows a call as it is, and as it was after any of its events", async () => {
    const first = await tell("get-1", "ringing", { ...agent("7", "ringing"), ...queue("support") });
    await tell("get-1", "connected", agent("7"));
    await tell("get-1", "disconnected");
    const now = await calls().getCall({ id: { case: "callId", value: "get-1" } });
    expect(now.session).toMatchObject({ open: false, state: "disconnected", queuePathNames: ["support"] });
    const then = await calls().getCall({ id: { case: "callId", value: "get-1" }, asOfCursor: first });
    expect(then.session).toMatchObject({ open: true, state: "ringing", lastOffset: BigInt(first.split("-")[1]!) });
    expect(then.cursor).toBe(first);
  });

  it("asks for the source when two report the id, and keeps chats apart", async () => {
    await tell("get-2", "connected");
    await tell("get-2", "held", {}, "ccai-external");
    await running.post(JSON.stringify({ chat_id: "get-2", state: "waiting" }));
    const id = { case: "callId" as const, value: "get-2" };
    await expect(calls().getCall({ id })).rejects.toMatchObject({
      rawMessage: expect.stringContaining("ccai, ccai-external"),
    });
    expect((await calls().getCall({ id, source: "ccai-external" })).session?.state).toBe("held");
    expect((await calls().getCall({ id: { case: "chatId", value: "get-2" } })).session?.state).toBe("waiting");
    await expect(calls().getCall({ id: { case: "callId", value: "nobody" } })).rejects.toThrow("not_found");
  });
});

describe("ListCalls", () => {
  it("lists what ever had a value, open or closed, newest first, in pages that add up", async () => {
    for (const number of [1, 2, 3]) await tell(`list-${number}`, "connected", queue("list/a"));
    await tell("list-2", "held", queue("list/b"));
    await tell("list-3", "disconnected");
    const filters = { q: { queueNames: ["list/a"] } };
    const all: string[] = [];
    let pageToken = "";
    do {
      const page = await calls().listCalls({ filters, pageSize: 2, pageToken });
      all.push(...page.sessions.map(({ sessionId }) => sessionId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(all).toEqual(["list-3", "list-2", "list-1"]);
    const open = await calls().listCalls({ filters, status: CallStatus.OPEN });
    expect(open.sessions.map(({ sessionId }) => sessionId)).toEqual(["list-2", "list-1"]);
    const closed = await calls().listCalls({ filters, status: CallStatus.CLOSED });
    expect(closed.sessions.map(({ sessionId }) => sessionId)).toEqual(["list-3"]);
    const held = await calls().listCalls({ filters: { h: { callStates: [CallState.HELD], queueNames: ["list"] } } });
    expect(held.sessions.map(({ sessionId }) => sessionId)).toEqual(["list-2"]);
    const { nextPageToken } = await calls().listCalls({ filters, pageSize: 1 });
    await expect(calls().listCalls({ pageToken: nextPageToken })).rejects.toThrow("page_token");
  });
});

describe("agents", () => {
  it("have the state that they last told, its age, and the calls that they are on", async () => {
    const login = { type: "AgentState", item: { ParticipantID: "70", Email: "Seven@example.com", State: "login" } };
    await running.post(JSON.stringify(login));
    await tell("agent-call", "connected", agent("70"));
    await tell("other-call", "connected", agent("71"));
    const { agent: known } = await calls().getAgent({ id: { case: "email", value: "seven@EXAMPLE.com" } });
    expect(known).toMatchObject({ agentId: "70", email: "seven@example.com", state: AgentState.LOGIN });
    expect(known?.stateTime).toBeDefined();
    expect(known?.calls.map(({ sessionId }) => sessionId)).toEqual(["agent-call"]);
    await tell("agent-call", "transferred", agent("71"));
    const { agents } = await calls().listAgents({});
    const [seventy, next] = ["70", "71"].map((id) => agents.find(({ agentId }) => agentId === id)!);
    expect(seventy!.calls).toEqual([]);
    expect(next).toMatchObject({ state: AgentState.UNSPECIFIED, stateOffset: 0n });
    expect(next!.calls.map(({ sessionId }) => sessionId).sort()).toEqual(["agent-call", "other-call"]);
  });
});

describe("WatchCalls", () => {
  it("gives the open calls that match, then each change of them up to their end", async () => {
    await tell("watch-1", "connected", queue("watch"));
    await tell("watch-0", "connected", queue("elsewhere"));
    const seen: WatchCallsResponse[] = [];
    const stream = calls().watchCalls({ filters: { q: { queueNames: ["watch"] } } });
    let told = false;
    for await (const response of stream) {
      seen.push(response);
      if (response.notice.case === "snapshotEnd" && !told) {
        told = true;
        await tell("watch-2", "ringing", queue("watch"));
        await tell("watch-1", "held");
        await tell("watch-1", "disconnected");
      }
      if (seen.some(({ sessions }) => sessions.some(({ open }) => !open))) break;
    }
    const states = seen.flatMap(({ sessions }) => sessions.map(({ sessionId, state }) => `${sessionId} ${state}`));
    expect(states).toEqual(["watch-1 connected", "watch-2 ringing", "watch-1 held", "watch-1 disconnected"]);
    expect(seen[0]!.notice.case).toBe("snapshotBegin");
    expect(seen.at(-1)!.cursor).not.toBe("");
  });
});

describe("a snapshot in Subscribe", () => {
  it("is as of the start position, whole, and followed by the events after it", async () => {
    await tell("snap-1", "connected", queue("snap"));
    const from = await tell("snap-2", "connected", queue("snap"));
    await tell("snap-2", "disconnected");
    const last = await tell("snap-3", "ringing", queue("snap"));
    const responses: SubscribeResponse[] = [];
    const stream = subscriptions().subscribe({
      filters: { q: { queueNames: ["snap"] } },
      position: { case: "afterCursor", value: from },
      end: { case: "endCursor", value: last },
      includeSnapshot: true,
    });
    for await (const response of stream) responses.push(response);
    const sessions = responses.flatMap((response) => response.sessions);
    expect(sessions.map(({ sessionId, state }) => `${sessionId} ${state}`).sort()).toEqual([
      "snap-1 connected",
      "snap-2 connected",
    ]);
    const end = responses.findIndex(({ notice }) => notice.case === "snapshotEnd");
    expect(responses[end]!.cursor).toBe(from);
    expect(responses.slice(1, end).map(({ cursor }) => cursor)).toEqual(responses.slice(1, end).map(() => ""));
    expect(
      responses
        .slice(end)
        .flatMap(({ events }) => events)
        .map(({ trigger }) => trigger),
    ).toHaveLength(2);
  });
});

describe("ExplainEvent", () => {
  it("tells on which value and of which origin a clause matched", async () => {
    await tell("explain", "connected", { ...agent("5"), ...queue("support") });
    const transfer = await tell("explain", "transferred", agent("6"));
    const filters = { f: { agentIds: ["5"], queueNames: ["support"], callStates: [CallState.TRANSFERRED] } };
    const { filters: explained, matched } = await subscriptions().explainEvent({ cursor: transfer, filters });
    expect(matched).toBe(true);
    const values = Object.fromEntries(
      explained[0]!.clauses.map(({ field, matchedValues, eventValues }) => {
        return [field, eventValues.find(({ value }) => value === matchedValues[0])];
      }),
    );
    expect(values).toMatchObject({
      agent_ids: { value: "5", origin: ValueOrigin.REMOVED },
      queue_names: { value: "support", origin: ValueOrigin.CONTEXT },
      call_states: { value: "CALL_STATE_TRANSFERRED", origin: ValueOrigin.PAYLOAD },
    });
  });
});

describe("scope CALL over the port", () => {
  it("gives the agent who handed a call over the rest of it", async () => {
    const first = await tell("scope", "connected", agent("50"));
    await tell("scope", "transferred", agent("51"));
    await tell("scope", "held");
    const last = await tell("scope", "disconnected");
    const request = {
      filters: { a: { agentIds: ["50"] } },
      position: { case: "start" as const, value: StartPosition.EARLIEST },
      end: { case: "endCursor" as const, value: last },
    };
    const counts: number[] = [];
    for (const scope of [Scope.EVENT, Scope.CALL]) {
      let count = 0;
      for await (const { events } of subscriptions().subscribe({ ...request, scope })) count += events.length;
      counts.push(count);
    }
    expect(first).not.toBe(last);
    expect(counts).toEqual([3, 4]);
  });
});
