/** Chats of the QM feed: flat objects without `type`. The later kinds are not documented and follow the same shape. */
import { queues } from "./directory.ts";
import { type Cast, Script, type Story } from "./story.ts";

interface Participant {
  state: string;
  type: "agent" | "external";
  dn: string;
  media_id?: string;
}

export function chat(cast: Cast, chatId: number): Story {
  const { random } = cast;
  const queue = random.weighted(queues);
  const customer = `end_user_${random.int(1, 99_999)}`;
  const agentName = `agent_${cast.agent.id}`;
  const script = new Script("ccai", cast);
  const post = (what: string, state: string, initiator: string, participants: Participant[], started = false) => {
    const body = {
      queue_path_ids: queue.idPath,
      queue_path_names: queue.namePath,
      language: queue.language,
      ...(started ? { support_number: null } : {}),
      session_type_v2: "In-web",
      chat_id: chatId,
      state,
      direction: "incoming",
      initiator,
      participants,
    };
    script.post(what, body, participants.some(({ type }) => type === "agent") ? [cast.agent.id] : []);
  };
  const external: Participant = { state: "connected", type: "external", dn: customer };
  const media = { ...external, media_id: `MB${random.hex(32)}` };
  const agent: Participant = { state: "connected", type: "agent", dn: agentName };
  script.wait(random.int(100, 2_000));
  post("chat-started", "waiting", customer, [external], true);
  script.wait(random.int(500, 3_000));
  post("chat-waiting", "waiting", customer, [external]);
  script.wait(random.int(1_000, 20_000));
  if (random.chance(0.7)) post("chat-accepted", "connected", agentName, [media]);
  script.wait(random.int(200, 2_000));
  post("chat-connected", "connected", agentName, [media, agent]);
  script.wait(random.int(30_000, 400_000));
  const left = [media, agent].map((participant) => ({ ...participant, state: "disconnected" }));
  post("chat-disconnected", "disconnected", random.choose([customer, agentName]), left);
  return { sessionKey: `chat-${chatId}`, queue: queue.namePath, direction: "incoming", steps: script.end() };
}
