/** The `{type, item}` call events of one call. Every one of them lists all who are on the call at that moment. */
import { type Agent, phoneNumber, type Queue } from "./directory.ts";
import { type Cast, Script, type Story } from "./story.ts";

interface Participant {
  /** Null for a third party whose number the platform does not know. */
  ParticipantID: string | null;
  Type: "agent" | "external";
  State: string;
}

export class CallScript {
  readonly cast: Cast;
  readonly customer: string;
  readonly participants: Participant[] = [];
  readonly #script: Script;
  readonly #callId: string;
  readonly #direction: "incoming" | "outgoing";
  readonly #queue: Queue;
  /** A transfer to another queue changes this and leaves the path, which ends at the first agent. */
  queueUuid: number;
  readonly #recordingPermitted: boolean;
  readonly #mediaId: string;

  constructor(cast: Cast, queue: Queue, direction: "incoming" | "outgoing") {
    const { random } = cast;
    this.cast = cast;
    this.customer = phoneNumber(random);
    this.#script = new Script("ccai", cast);
    this.#callId = random.hex(direction === "incoming" ? 12 : 8);
    this.#direction = direction;
    this.#queue = queue;
    this.queueUuid = queue.uuid;
    this.#recordingPermitted = random.chance(0.9);
    this.#mediaId = `${random.digits(9)}_${random.digits(9)}@67.231.1.${random.int(2, 254)}`;
  }

  /** Lets `minMs` to `maxMs` of simulated time go by. */
  wait(minMs: number, maxMs: number): this {
    this.#script.wait(this.cast.random.int(minMs, maxMs));
    return this;
  }

  joinExternal(id: string | null, State = "connected"): Participant {
    const participant: Participant = { ParticipantID: id, Type: "external", State };
    this.participants.push(participant);
    return participant;
  }

  joinAgent(agent: Agent, State = "connected"): Participant {
    this.#script.engage(agent.id);
    const participant: Participant = { ParticipantID: agent.id, Type: "agent", State };
    this.participants.push(participant);
    return participant;
  }

  /** Takes someone off the list; an agent may be on the next call as soon as the event before has been posted. */
  remove(participant: Participant): void {
    this.participants.splice(this.participants.indexOf(participant), 1);
    if (participant.Type === "agent") this.#script.free(participant.ParticipantID!);
  }

  all(state: string): this {
    for (const participant of this.participants) participant.State = state;
    return this;
  }

  post(what: string, State: string): void {
    this.#post(what, {
      CallID: this.#callId,
      State,
      Direction: this.#direction,
      Initiator: this.customer,
      Queue_path_ids: this.#queue.idPath,
      Queue_path_names: this.#queue.namePath,
      Language: this.#queue.language,
      Queue_uuid: this.queueUuid,
      Recording_permitted: this.#recordingPermitted,
    });
  }

  /** The short form in which outbound calls end: no queue, no language, no permission, and the agent as initiator. */
  postShort(what: string, State: string): void {
    this.#post(what, {
      CallID: this.#callId,
      State,
      Direction: this.#direction,
      Initiator: this.cast.agent.id,
    });
  }

  #post(what: string, head: object): void {
    const Participants = this.participants.map((participant) => ({ ...participant }));
    const agentIds = Participants.filter(({ Type }) => Type === "agent").map(({ ParticipantID }) => ParticipantID!);
    const item = { ...head, Participants, MediaID: this.#mediaId };
    this.#script.post(what, { type: "CallState", item }, agentIds);
  }

  end(): Story {
    return {
      sessionKey: `call-${this.#callId}`,
      queue: this.#queue.namePath,
      direction: this.#direction,
      steps: this.#script.end(),
    };
  }
}

export type { Participant };
