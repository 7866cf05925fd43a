/** CallService's unary methods: sessions and agents, now or as of a cursor. WatchCalls is in `watch-calls.ts`. */
import { createHash } from "node:crypto";
import { create, fromBinary } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type Agent,
  AgentSchema,
  type CallService,
  CallStatus,
  type GetAgentRequest,
  type GetCallRequest,
  type ListAgentsRequest,
  type ListCallsRequest,
} from "../../gen/ts/callwire/v1/call_pb.ts";
import { type Session, SessionSchema } from "../../gen/ts/callwire/v1/session_pb.ts";
import { ParticipantState, ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import type { Access } from "../auth/access.ts";
import type { Quotas } from "../auth/quotas.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError, invalidField } from "../errors/callwire-error.ts";
import { cursorExpired, cursorOffset } from "../fanout/position.ts";
import { bareAgentId } from "../filters/event-keys.ts";
import { timestampFromMs } from "../log/block-builder.ts";
import { formatCursor } from "../log/cursor.ts";
import type { AgentQuery, FoundAgent, SessionStatus } from "../log/event-reader.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { accessOf } from "./caller.ts";
import { decodePageToken, encodePageToken, pageOffset, pageSize } from "./page-token.ts";

export interface CallServiceDeps {
  log: GatewayLog;
  limits: Limits;
  quotas: Quotas;
}

/** Bytes of sessions in one response. */
const sessionBytes = 2 * 1024 * 1024;
/** A page that finds little is given up after this long: it then has a token and perhaps no session. */
const pageMs = 250;

const statuses: Record<CallStatus, SessionStatus> = {
  [CallStatus.UNSPECIFIED]: "all",
  [CallStatus.OPEN]: "open",
  [CallStatus.CLOSED]: "closed",
};

async function getCall({ log, quotas }: CallServiceDeps, request: GetCallRequest, access: Access) {
  const state = log.state(access.tenant(request.tenant, log.tenants));
  const { id, source, asOfCursor } = request;
  if (id.case === undefined || id.value === "") throw invalidField("call_id", "give call_id or chat_id");
  if (id.case === "callId") access.requireFilterable("call_ids", "call_id");
  else access.requireFilterable("chat_ids", "chat_id");
  const asOf = asOfCursor === "" ? state.headOffset : cursorOffset(asOfCursor, "as_of_cursor", state);
  if (asOf < state.oldestOffset) throw cursorExpired(state);
  const kind = id.case === "callId" ? "call" : "chat";
  quotas.admitReplay(state.tenant, access.policy);
  const found = await log.reader.findSessions({ tenant: state.tenant, kind, id: id.value, asOf }, access.visibility);
  quotas.replayed(state.tenant, access.policy, bytesOf(found.map(({ session }) => session)));
  const sessions = source === "" ? found : found.filter((session) => session.source === source);
  const [first] = sessions;
  const name = `${kind} ${JSON.stringify(id.value.slice(0, 256))}`;
  if (first === undefined) throw new CallwireError("NOT_FOUND", `no event of ${name} is known`);
  if (sessions.length > 1) {
    const sources = sessions.map((session) => session.source).sort();
    throw new CallwireError("SESSION_AMBIGUOUS", `${name} is reported by the sources ${sources.join(", ")}; name one`);
  }
  return { session: fromBinary(SessionSchema, first.session), cursor: formatCursor(state.epoch, asOf) };
}

async function listCalls({ log, limits, quotas }: CallServiceDeps, request: ListCallsRequest, access: Access) {
  const state = log.state(access.tenant(request.tenant, log.tenants));
  const filters = access.filters(request.filters, limits);
  const { mask } = access.visibility;
  const status = statuses[request.status] ?? "all";
  const limit = pageSize(request.pageSize, limits.maxPageSize);
  const binding = createHash("sha256")
    .update(`calls ${state.tenant} ${status} ${filters.canonical}`)
    .digest("base64url");
  let before: number | undefined = Number.MAX_SAFE_INTEGER;
  if (request.pageToken !== "") before = pageOffset(decodePageToken(request.pageToken, binding));
  quotas.admitReplay(state.tenant, access.policy);
  const plan = log.reader.register({ tenant: state.tenant, filters, scope: "event", view: "basic", mask });
  const sessions: Session[] = [];
  const deadline = performance.now() + pageMs;
  let bytes = 0;
  try {
    do {
      const room = { limit: limit - sessions.length, maxBytes: sessionBytes - bytes };
      const page = await log.reader.listSessions(plan, { status, asOf: state.headOffset, before, ...room });
      for (const encoded of page.sessions) {
        sessions.push(fromBinary(SessionSchema, encoded));
        bytes += encoded.length;
      }
      before = page.next;
    } while (before !== undefined && sessions.length < limit && bytes < sessionBytes && performance.now() < deadline);
  } finally {
    log.reader.release(plan);
    quotas.replayed(state.tenant, access.policy, bytes);
  }
  return {
    sessions,
    nextPageToken: before === undefined ? "" : encodePageToken(binding, String(before)),
    cursor: formatCursor(state.epoch, state.headOffset),
  };
}

function bytesOf(sessions: readonly Uint8Array[]): number {
  return sessions.reduce((sum, { length }) => sum + length, 0);
}

function isConnected(session: Session, agentId: string): boolean {
  return session.participants.some(
    ({ type, connection, participantId }) =>
      type === ParticipantType.AGENT &&
      connection === ParticipantState.CONNECTED &&
      bareAgentId(participantId ?? "") === agentId,
  );
}

function agentMessage(agent: FoundAgent): Agent {
  const { agentId, email, state, stateOffset, stateMs, source } = agent;
  const sessions = agent.sessions.map((encoded) => fromBinary(SessionSchema, encoded));
  return create(AgentSchema, {
    agentId,
    email,
    state,
    stateOffset: BigInt(stateOffset),
    ...(stateOffset === 0 ? {} : { stateTime: timestampFromMs(stateMs) }),
    source,
    calls: sessions
      .filter((session) => isConnected(session, agentId))
      .map(({ sessionId, kind, source: reporter, firstOffset }) => {
        return { sessionId, kind, source: reporter, sessionOffset: firstOffset };
      }),
  });
}

/** Agents, for the sessions of which their reader pays. */
async function readAgents({ log, quotas }: CallServiceDeps, tenant: string, query: AgentQuery, access: Access) {
  quotas.admitReplay(tenant, access.policy);
  const found = await log.reader.agents(tenant, query, access.visibility);
  quotas.replayed(tenant, access.policy, bytesOf(found.agents.flatMap(({ sessions }) => sessions)));
  return found;
}

async function getAgent(deps: CallServiceDeps, { tenant, id }: GetAgentRequest, access: Access) {
  if (id.case === undefined || id.value === "") throw invalidField("agent_id", "give agent_id or email");
  const query = id.case === "email" ? { email: id.value.toLowerCase() } : { agentId: bareAgentId(id.value) };
  if (id.case === "email") access.requireFilterable("agent_emails", "email");
  else access.requireFilterable("agent_ids", "agent_id");
  const found = await readAgents(deps, access.tenant(tenant, deps.log.tenants), query, access);
  const [agent] = found.agents;
  if (agent === undefined) {
    throw new CallwireError("NOT_FOUND", `no event has named the agent ${JSON.stringify(id.value.slice(0, 256))}`);
  }
  return { agent: access.agent(agentMessage(agent)) };
}

async function listAgents(deps: CallServiceDeps, request: ListAgentsRequest, access: Access) {
  const { log, limits } = deps;
  const tenant = access.tenant(request.tenant, log.tenants);
  // The order of the list and its page tokens tell the ids.
  access.requireFilterable("agent_ids", "agent_id");
  const limit = pageSize(request.pageSize, limits.maxPageSize);
  const binding = `agents ${tenant}`;
  const after = request.pageToken === "" ? "" : decodePageToken(request.pageToken, binding);
  const { agents, next } = await readAgents(deps, tenant, { after, limit }, access);
  return {
    agents: agents.map((agent) => access.agent(agentMessage(agent))),
    nextPageToken: next === undefined ? "" : encodePageToken(binding, next),
  };
}

export function callService(deps: CallServiceDeps): Omit<ServiceImpl<typeof CallService>, "watchCalls"> {
  return {
    getCall: (request, context) => getCall(deps, request, accessOf(context)),
    listCalls: (request, context) => listCalls(deps, request, accessOf(context)),
    getAgent: (request, context) => getAgent(deps, request, accessOf(context)),
    listAgents: (request, context) => listAgents(deps, request, accessOf(context)),
  };
}
