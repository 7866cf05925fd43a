/** Calls of the external session events: `{count, events}` with an id and a time each, richer from step to step. */
import { phoneNumber, queues } from "./directory.ts";
import { type Cast, Script, type Story } from "./story.ts";

const codes = ["resolved", "follow_up", "callback_requested", "wrong_number"];

const iso = (ms: number) => new Date(ms).toISOString();

/** Start, routing, assignment, talk, end and wrap-up; the first two sometimes share a body. */
export function externalCall(cast: Cast): Story {
  const { random, agent } = cast;
  const script = new Script("ccai-external", cast);
  const queue = random.weighted(queues);
  const callId = random.hex(12);
  const customer = { type: "external", dn: phoneNumber(random) };
  const worker = { type: "agent", dn: `agent_${agent.id}`, agent_id: agent.id, agent_name: agent.name };
  let known: object = { call_id: callId, direction: "incoming", dn: customer.dn };
  const event = (state: string, participants: object[]): object => ({
    event_id: random.uuid(),
    timestamp: script.nowMs,
    ...known,
    state,
    participants,
  });
  const both = (state: string) => [
    { ...customer, state: state === "disconnected" ? state : "connected" },
    { ...worker, state },
  ];
  const post = (what: string, events: object[], agents: string[]) =>
    script.post(what, { count: events.length, events }, agents, events.length);

  const alone = [{ ...customer, state: "connected" }];
  const start = event("connected", alone);
  const together = random.chance(0.3);
  if (!together) post("external-start", [start], []);
  script.wait(random.int(300, 4_000));
  known = { ...known, queue_path_names: queue.namePath, initiator: `virtual_agent_${random.int(1, 20)}` };
  const routing = event("connected", alone);
  post("external-routing", together ? [start, routing] : [routing], []);

  script.wait(random.int(1_000, 15_000));
  known = { ...known, initiator: `agent_${agent.id}` };
  post("external-assigned", [event("connected", both("accepted"))], [agent.id]);
  known = { ...known, connected_at: iso(script.wait(random.int(200, 3_000))) };
  post("external-active", [event("connected", both("connected"))], [agent.id]);
  known = { ...known, ends_at: iso(script.wait(random.int(20_000, 300_000))) };
  post("external-end", [event("disconnected", both("disconnected"))], [agent.id]);
  script.wait(random.int(3_000, 40_000));
  const dispositions = { code: random.choose(codes), custom_code_id: random.int(1, 40), note: "" };
  known = { ...known, dispositions };
  const wrappedUp = [
    { ...customer, state: "disconnected" },
    { ...worker, state: "dispositionSubmitted" },
  ];
  post("external-final", [event("disconnected", wrappedUp)], [agent.id]);
  return { sessionKey: `call-${callId}`, queue: queue.namePath, direction: "incoming", steps: script.end() };
}
