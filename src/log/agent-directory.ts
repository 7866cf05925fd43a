/** Who a tenant's agents are: what sign-ins told of them, and that calls named them. Kept in the view, and here for the fold. */

import type { AgentEvent } from "../../gen/ts/callwire/v1/event_pb.ts";
import type { AgentState } from "../../gen/ts/callwire/v1/state_pb.ts";
import { AgentState as State } from "../../gen/ts/callwire/v1/state_pb.ts";
import { bareAgentId } from "../filters/event-keys.ts";
import type { View } from "./view.ts";

export interface StoredAgent {
  /** Without prefix. */
  agentId: string;
  /** In lower case; empty when no sign-in told one. */
  email: string;
  state: AgentState;
  /** Offset of the event that told the state; 0 when none did. */
  stateOffset: number;
  stateMs: number;
  source: string;
}

/** No address is longer: 64 characters, an @ and 255 (RFC 5321, section 4.5.3.1). Agents are kept in memory. */
const maxEmailLength = 320;

export class AgentDirectory {
  readonly #view: View;
  readonly #tenant: string;
  readonly #agents: Map<string, StoredAgent>;
  readonly #changed = new Set<StoredAgent>();

  constructor(view: View, tenant: string) {
    this.#view = view;
    this.#tenant = tenant;
    this.#agents = new Map(view.agents(tenant).map((agent) => [agent.agentId, agent]));
  }

  /** The address of an agent's id, with or without prefix. */
  readonly emailOf = (agentId: string): string | undefined =>
    this.#agents.get(bareAgentId(agentId))?.email || undefined;

  /** An event named an agent. */
  name(id: string): StoredAgent | undefined {
    const agentId = bareAgentId(id);
    if (agentId === "") return undefined;
    let agent = this.#agents.get(agentId);
    if (agent === undefined) {
      agent = { agentId, email: "", state: State.UNSPECIFIED, stateOffset: 0, stateMs: 0, source: "" };
      this.#agents.set(agentId, agent);
      this.#changed.add(agent);
    }
    return agent;
  }

  /** A sign-in or sign-out. */
  learn({ participantId, email, state }: AgentEvent, source: string, offset: number, receivedMs: number): void {
    const agent = this.name(participantId);
    if (agent === undefined) return;
    if (email !== "" && email.length <= maxEmailLength) agent.email = email.toLowerCase();
    Object.assign(agent, { state, source, stateOffset: offset, stateMs: receivedMs });
    this.#changed.add(agent);
  }

  /** Saves what changed, within the current group. */
  save(): void {
    for (const agent of this.#changed) this.#view.saveAgent(this.#tenant, agent);
    this.#changed.clear();
  }
}
