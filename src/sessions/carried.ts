/** What a session keeps of its payloads where a later one leaves it out, and what an event replaces. */
import type { CallEvent, ChatEvent } from "../../gen/ts/callwire/v1/event_pb.ts";
import type { Session } from "../../gen/ts/callwire/v1/session_pb.ts";
import { Direction, ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { addBounded, boundedPath, boundedText } from "./bounds.ts";
import type { Moment } from "./moment.ts";
import type { SessionState } from "./session-state.ts";
import { beginQueueSpan } from "./spans.ts";

/** The values that an event replaced. */
export interface Replaced {
  queue?: Pick<Session, "queuePathIds" | "queuePathNames" | "queueUuid">;
  language?: string;
  direction?: Direction;
  recordingPermitted?: boolean;
}

export function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** A payload names a queue by ids, names or uuid; what it leaves out of a new queue's name is not that of the old one. */
function carryQueue(state: SessionState, payload: CallEvent | ChatEvent, at: Moment): Replaced["queue"] {
  const { session } = state;
  const { queuePathIds: ids, queuePathNames: names, queueUuid: uuid } = payload;
  const differs =
    (ids.length > 0 && !sameTexts(ids, session.queuePathIds)) ||
    (names.length > 0 && !sameTexts(names, session.queuePathNames)) ||
    (uuid !== "" && uuid !== session.queueUuid);
  if (!differs) return undefined;
  const { queuePathIds, queuePathNames, queueUuid } = session;
  const agrees =
    (ids.length === 0 || queuePathIds.length === 0 || sameTexts(ids, queuePathIds)) &&
    (names.length === 0 || queuePathNames.length === 0 || sameTexts(names, queuePathNames)) &&
    (uuid === "" || queueUuid === "" || uuid === queueUuid);
  session.queuePathIds = ids.length > 0 || !agrees ? boundedPath(state, ids) : queuePathIds;
  session.queuePathNames = names.length > 0 || !agrees ? boundedPath(state, names) : queuePathNames;
  session.queueUuid = uuid !== "" || !agrees ? uuid : queueUuid;
  const knewNone = queuePathIds.length === 0 && queuePathNames.length === 0 && queueUuid === "";
  beginQueueSpan(state, at);
  return knewNone || agrees ? undefined : { queuePathIds, queuePathNames, queueUuid };
}

function remember(state: SessionState, list: string[], id: string | undefined): void {
  if (id === undefined || id === "" || list.includes(id)) return;
  addBounded(state, list, boundedText(state, id), id.length);
  state.revision++;
}

/** @param onlyMissing takes what is not known yet and replaces nothing: for an event that is older than another */
export function carry(state: SessionState, payload: CallEvent | ChatEvent, at: Moment, onlyMissing: boolean): Replaced {
  const { session } = state;
  const replaced: Replaced = {};
  if (!(onlyMissing && session.queueSpans.length > 0)) {
    const queue = carryQueue(state, payload, at);
    if (queue !== undefined) replaced.queue = queue;
  }
  const language = boundedText(state, payload.language);
  if (language !== "" && language !== session.language && !(onlyMissing && session.language !== "")) {
    if (session.language !== "") replaced.language = session.language;
    session.language = language;
    state.revision++;
  }
  const { direction } = payload;
  const knowsDirection = session.direction !== Direction.UNSPECIFIED;
  if (direction !== Direction.UNSPECIFIED && direction !== session.direction && !(onlyMissing && knowsDirection)) {
    if (knowsDirection) replaced.direction = session.direction;
    session.direction = direction;
    state.revision++;
  }
  if (payload.$typeName === "callwire.v1.CallEvent") carryRecording(state, payload, onlyMissing, replaced);
  carryOnce(state, "initiator", payload.initiator);
  carryOnce(state, "disposition", payload.disposition?.code ?? "");
  remember(state, session.mediaIds, payload.mediaId);
  for (const { mediaId, participantId, type } of payload.participants) {
    remember(state, session.mediaIds, mediaId);
    if (type === ParticipantType.EXTERNAL) remember(state, session.externalIds, participantId);
  }
  return replaced;
}

/** What the first event that tells it says for good. */
function carryOnce(state: SessionState, what: "initiator" | "disposition", text: string): void {
  if (text === "" || state.session[what] !== "") return;
  state.session[what] = boundedText(state, text);
  state.revision++;
}

function carryRecording(
  state: SessionState,
  { recordingPermitted }: CallEvent,
  onlyMissing: boolean,
  replaced: Replaced,
): void {
  const { session } = state;
  const known = session.recordingPermitted;
  if (recordingPermitted === undefined || recordingPermitted === known) return;
  if (onlyMissing && known !== undefined) return;
  if (known !== undefined) replaced.recordingPermitted = known;
  session.recordingPermitted = recordingPermitted;
  state.revision++;
}
