/** Reads sessions and agents for one reader thread: as they are at the head, or as they were after an earlier event. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { passesGate } from "../../filters/filter-index.ts";
import { type Mask, maskOf } from "../../masking/mask.ts";
import type { StoredAgent } from "../agent-directory.ts";
import type {
  AgentPage,
  AgentQuery,
  FoundSession,
  SessionById,
  SessionPage,
  SessionQuery,
  SessionStatus,
  Visibility,
} from "../event-reader.ts";
import { lastEventUpTo } from "./call-scope.ts";
import type { KeptBlocks } from "./kept-blocks.ts";
import type { PreparedPlan } from "./prepared-plan.ts";
import type { TenantTable } from "./tenant-table.ts";
import type { VisibleSessions } from "./visible-sessions.ts";

/** A page ends after this long, whatever it has found. */
const pageMs = 15;
const maxAgentSessions = 100;

interface SessionRow {
  first: number;
  last: number;
  kind: "call" | "chat";
  source: string;
  id: string;
  ended: number | null;
  keys: string;
}

/** Judges a session by all keys that its events ever had, and by its last event up to an offset. */
export type JudgeSession = (row: { first: number; last: number; keys: string }, asOf: number) => boolean;

function statements(database: DatabaseSync) {
  const keys = "(SELECT keys FROM session_keys k WHERE k.tenant = s.tenant AND k.first = s.first) AS keys";
  const last = "(SELECT last FROM session_last l WHERE l.tenant = s.tenant AND l.first = s.first) AS last";
  const columns = `first, ${last}, kind, source, id, ended, ${keys}`;
  const agent = `SELECT agent_id AS agentId, email, state, state_offset AS stateOffset, state_ms AS stateMs, source
    FROM agent WHERE tenant = ?`;
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    byId: sql(
      `SELECT ${columns} FROM session s WHERE tenant = ? AND kind = ? AND id = ? AND first <= ? ORDER BY first DESC`,
    ),
    all: sql(`SELECT ${columns} FROM session s WHERE tenant = ? AND first < ? ORDER BY first DESC`),
    open: sql(`SELECT ${columns} FROM session s WHERE tenant = ? AND ended IS NULL AND first < ? ORDER BY first DESC`),
    endedAfter: sql(`SELECT ${columns} FROM session s WHERE tenant = ? AND ended > ? AND first <= ? ORDER BY ended`),
    agents: sql(`${agent} AND agent_id > ? ORDER BY agent_id LIMIT ?`),
    agentByEmail: sql(`${agent} AND email = ? ORDER BY state_offset DESC LIMIT 1`),
    agentById: sql(`${agent} AND agent_id = ?`),
  };
}

/** What limits the sessions of an answer, ready to be applied. */
interface Shown {
  gate: Visibility["gate"];
  mask: Mask | undefined;
}

type SessionPlan = Pick<PreparedPlan, "tenant" | "filters" | "mask">;

function shownBy({ gate, mask }: Visibility): Shown {
  return { gate, mask: maskOf(mask) };
}

export class SessionReader {
  readonly #tenants: TenantTable;
  readonly #sql: ReturnType<typeof statements>;
  readonly #blocks: KeptBlocks;
  readonly #visible: VisibleSessions;

  constructor(database: DatabaseSync, tenants: TenantTable, blocks: KeptBlocks, visible: VisibleSessions) {
    this.#visible = visible;
    this.#tenants = tenants;
    this.#sql = statements(database);
    this.#blocks = blocks;
  }

  /** The session as it was after an event, as far as the caller may see it. */
  #asOf(tenant: string, { last }: SessionRow, asOf: number, { gate, mask }: Shown): Uint8Array | undefined {
    const session =
      gate === undefined ? this.#stored(tenant, last, asOf) : this.#visible.session(tenant, last, asOf, gate);
    return session === undefined || mask === undefined ? session : mask.session(session);
  }

  #stored(tenant: string, last: number, asOf: number): Uint8Array | undefined {
    const found = lastEventUpTo(this.#blocks.finderFor(tenant), last, asOf);
    if (found === undefined) return undefined;
    return this.#blocks.sessionAfter(tenant, found.block.positions.offsets[found.ordinal]!);
  }

  /** The newest session of an id, one a source. */
  find({ tenant, kind, id, asOf }: SessionById, visibility: Visibility): FoundSession[] {
    const shown = shownBy(visibility);
    const found = new Map<string, FoundSession>();
    for (const row of this.#sql.byId.iterate(this.#tenants.number(tenant), kind, id, asOf)) {
      const session = row as unknown as SessionRow;
      if (found.has(session.source)) continue;
      const encoded = this.#asOf(tenant, session, asOf, shown);
      if (encoded !== undefined) found.set(session.source, { source: session.source, session: encoded });
    }
    return [...found.values()];
  }

  /** Sessions by their first event, newest first; a page may be empty and not the last. */
  page({ tenant, filters, mask }: SessionPlan, query: SessionQuery, matches: JudgeSession): SessionPage {
    const shown: Shown = { gate: filters.gate, mask };
    const { status, before, limit, maxBytes, asOf } = query;
    const deadline = performance.now() + pageMs;
    const page: SessionPage = { sessions: [], firstOffsets: [], next: undefined };
    let bytes = 0;
    const statement = status === "open" ? this.#sql.open : this.#sql.all;
    for (const row of statement.iterate(this.#tenants.number(tenant), before)) {
      const stored = row as unknown as SessionRow;
      const session =
        hasStatus(stored, status) && matches(stored, asOf) ? this.#asOf(tenant, stored, stored.last, shown) : undefined;
      if (session !== undefined) {
        if (page.sessions.length > 0 && bytes + session.length > maxBytes) return { ...page, next: stored.first + 1 };
        page.sessions.push(session);
        page.firstOffsets.push(stored.first);
        bytes += session.length;
      }
      if (page.sessions.length >= limit || performance.now() > deadline) return { ...page, next: stored.first };
    }
    return page;
  }

  /**
   * The matching sessions that were open after an event, as they were then, from a place on: first those that are open
   * still, then those that have ended since. One that ends meanwhile can be in both parts.
   */
  openAsOf(
    { tenant, filters, mask }: SessionPlan,
    { asOf, before, limit, maxBytes }: SessionQuery,
    matches: JudgeSession,
  ): SessionPage {
    const shown: Shown = { gate: filters.gate, mask };
    const number = this.#tenants.number(tenant);
    const deadline = performance.now() + pageMs;
    const page: SessionPage = { sessions: [], firstOffsets: [], next: undefined };
    let bytes = 0;
    const isStillOpen = before > 0;
    const rows = isStillOpen
      ? this.#sql.open.iterate(number, before)
      : this.#sql.endedAfter.iterate(number, Math.max(asOf, -before), asOf);
    for (const row of rows) {
      const stored = row as unknown as SessionRow;
      const session =
        stored.first <= asOf && matches(stored, asOf) ? this.#asOf(tenant, stored, asOf, shown) : undefined;
      if (session !== undefined) {
        page.sessions.push(session);
        page.firstOffsets.push(stored.first);
        bytes += session.length;
      }
      if (page.sessions.length >= limit || bytes >= maxBytes || performance.now() > deadline) {
        return { ...page, next: isStillOpen ? stored.first : -stored.ended! };
      }
    }
    return { ...page, next: isStillOpen ? -asOf : undefined };
  }

  /** With a gate: only agents of whose state a visible event told, with the calls that such events showed them in. */
  agents(tenant: string, query: AgentQuery, visibility: Visibility): AgentPage {
    const rows = this.#agentRows(this.#tenants.number(tenant), query);
    const next = "limit" in query && rows.length === query.limit ? rows.at(-1)!.agentId : undefined;
    const agents = rows.filter(({ stateOffset }) => this.#isVisible(tenant, stateOffset, visibility.gate));
    if (agents.length === 0) return { agents: [], next };
    const sessions = this.#sessionsOf(tenant, new Set(agents.map(({ agentId }) => agentId)), shownBy(visibility));
    return { agents: agents.map((agent) => ({ ...agent, sessions: sessions.get(agent.agentId) ?? [] })), next };
  }

  #isVisible(tenant: string, offset: number, gate: Visibility["gate"]): boolean {
    if (gate === undefined) return true;
    const found = this.#blocks.find(tenant, offset);
    return found !== undefined && passesGate(gate, found.block.keys, found.ordinal);
  }

  #agentRows(tenant: number, query: AgentQuery): StoredAgent[] {
    if ("agentId" in query) return this.#sql.agentById.all(tenant, query.agentId) as unknown as StoredAgent[];
    if ("email" in query) return this.#sql.agentByEmail.all(tenant, query.email) as unknown as StoredAgent[];
    return this.#sql.agents.all(tenant, query.after, query.limit) as unknown as StoredAgent[];
  }

  /** The open sessions whose events named an agent; whether the agent is still connected is in the session. */
  #sessionsOf(tenant: string, agentIds: ReadonlySet<string>, shown: Shown): Map<string, Uint8Array[]> {
    const sessions = new Map<string, Uint8Array[]>();
    for (const row of this.#sql.open.iterate(this.#tenants.number(tenant), Number.MAX_SAFE_INTEGER)) {
      const stored = row as unknown as SessionRow;
      const { keys, last } = stored;
      for (const key of JSON.parse(keys) as string[]) {
        if (!key.startsWith("a") || !agentIds.has(key.slice(1))) continue;
        const known = sessions.get(key.slice(1)) ?? [];
        sessions.set(key.slice(1), known);
        const session = known.length < maxAgentSessions ? this.#asOf(tenant, stored, last, shown) : undefined;
        if (session !== undefined) known.push(session);
      }
    }
    return sessions;
  }
}

function hasStatus({ ended }: SessionRow, status: SessionStatus): boolean {
  return status === "all" || (ended === null) === (status === "open");
}
