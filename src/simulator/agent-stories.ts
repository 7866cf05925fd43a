/** An agent's own events: one sign-in or one sign-out each. */
import type { Agent } from "./directory.ts";
import type { Story } from "./story.ts";

export function agentStory(agent: Agent, state: "login" | "logout"): Story {
  const item = { ParticipantID: agent.id, Email: agent.email, State: state };
  return {
    sessionKey: `agent-${agent.id}`,
    queue: "",
    direction: "",
    steps: [
      {
        afterMs: 0,
        source: "ccai",
        what: `agent-${state}`,
        body: { type: "AgentState", item },
        events: 1,
        agentIds: [agent.id],
        frees: state === "login" ? [agent.id] : [],
      },
    ],
  };
}
