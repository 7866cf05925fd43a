/** What an event may have of what is looked at, found and remembered one by one: a list without end would cost all others their turn. */
import type { CallEvent, ChatEvent } from "../../gen/ts/callwire/v1/event_pb.ts";
import type { EventPayload } from "./accepted-event.ts";
import { Refusal } from "./fields.ts";

/** Far more than any call has. */
const maxParticipants = 1_000;
/** Far deeper than any tree of queues: a path of names is found by each of its prefixes. */
const maxPathSegments = 64;
/** With what separates the segments. */
const maxPathLength = 4_096;

function checkQueuePath(segments: readonly string[], field: string): void {
  let length = 0;
  for (const segment of segments) length += segment.length + 1;
  if (segments.length <= maxPathSegments && length <= maxPathLength) return;
  const message = `${field} has ${segments.length} segments of ${length} characters`;
  const most = `the path of a queue has at most ${maxPathSegments} of ${maxPathLength}`;
  throw new Refusal("EVENT_TOO_LARGE", `${message}, ${most}`);
}

function checkSession(session: CallEvent | ChatEvent, name: string): void {
  const count = session.participants.length;
  if (count > maxParticipants) {
    const message = `${name}.participants has ${count} entries, an event has at most ${maxParticipants}`;
    throw new Refusal("EVENT_TOO_LARGE", message);
  }
  checkQueuePath(session.queuePathIds, `${name}.queue_path_ids`);
  checkQueuePath(session.queuePathNames, `${name}.queue_path_names`);
}

/** @throws Refusal EVENT_TOO_LARGE, which names the field and the bound */
export function checkBounds(payload: EventPayload): void {
  if (payload.case !== "agent") checkSession(payload.value, payload.case);
}
