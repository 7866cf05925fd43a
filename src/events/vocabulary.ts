/**
 * The source's words and the values that they stand for. Every word of the source's tables and examples is here, listed or
 * only exemplified (see docs/ccai-events.md). Words compare without regard to case, `_`, `-` and spaces.
 */
import {
  AgentState,
  CallState,
  ChatState,
  Direction,
  ParticipantState,
  ParticipantType,
} from "../../gen/ts/callwire/v1/state_pb.ts";

/** The form in which keys and words compare. */
export function comparable(text: string): string {
  return text.toLowerCase().replace(/[\s_-]/g, "");
}

function vocabulary<E extends number>(words: Record<string, E>): ReadonlyMap<string, E> {
  return new Map(Object.entries(words).map(([word, value]) => [comparable(word), value]));
}

const callStateWords = {
  dialing: CallState.DIALING,
  waiting: CallState.WAITING,
  ringing: CallState.RINGING,
  connected: CallState.CONNECTED,
  held: CallState.HELD,
  redirected: CallState.REDIRECTED,
  deflected: CallState.DEFLECTED,
  transferred: CallState.TRANSFERRED,
  conferenced: CallState.CONFERENCED,
  participantDisconnect: CallState.PARTICIPANT_DISCONNECT,
  disconnected: CallState.DISCONNECTED,
};

const chatStateWords = {
  waiting: ChatState.WAITING,
  connected: ChatState.CONNECTED,
  accepted: ChatState.ACCEPTED,
  transferred: ChatState.TRANSFERRED,
  disconnected: ChatState.DISCONNECTED,
  finished: ChatState.FINISHED,
  deflected: ChatState.DEFLECTED,
  redirected: ChatState.REDIRECTED,
  conferenced: ChatState.CONFERENCED,
  participantDisconnect: ChatState.PARTICIPANT_DISCONNECT,
  ringing: ChatState.RINGING,
  held: ChatState.HELD,
  dialing: ChatState.DIALING,
};

export const callStates = vocabulary(callStateWords);
export const chatStates = vocabulary(chatStateWords);

function words(values: Record<string, number>): ReadonlyMap<number, string> {
  return new Map(Object.entries(values).map(([word, value]) => [value, word]));
}

/** The source's word for each known state. */
export const wordOfCallState = words(callStateWords);
export const wordOfChatState = words(chatStateWords);

export const participantStates = vocabulary({
  dialing: ParticipantState.DIALING,
  ringing: ParticipantState.RINGING,
  connected: ParticipantState.CONNECTED,
  held: ParticipantState.HELD,
  disconnected: ParticipantState.DISCONNECTED,
  callback: ParticipantState.CALLBACK,
  deflected: ParticipantState.DEFLECTED,
  transferred: ParticipantState.TRANSFERRED,
  redacted: ParticipantState.REDACTED,
  unredacted: ParticipantState.UNREDACTED,
  muted: ParticipantState.MUTED,
  unmuted: ParticipantState.UNMUTED,
  accepted: ParticipantState.ACCEPTED,
  dispositionSubmitted: ParticipantState.DISPOSITION_SUBMITTED,
  waiting: ParticipantState.WAITING,
  conferenced: ParticipantState.CONFERENCED,
});

export const agentStates = vocabulary({ login: AgentState.LOGIN, logout: AgentState.LOGOUT });

export const directions = vocabulary({ incoming: Direction.INCOMING, outgoing: Direction.OUTGOING });

export const participantTypes = vocabulary({
  agent: ParticipantType.AGENT,
  external: ParticipantType.EXTERNAL,
});

/** `Recording_permitted` is a boolean; the session metadata says `granted`. */
export const recordingPermissions: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["granted", true],
  ["false", false],
  ["denied", false],
]);
