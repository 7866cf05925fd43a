/**
 * One event as one line for people: when, what kind, state and what it means, direction, queue, id, who, and the offset.
 * Text of the source is shown without the characters that could command a terminal.
 */
import { styleText } from "node:util";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { AgentEvent, CallEvent, ChatEvent, Event, Participant } from "../../gen/ts/callwire/v1/event_pb.ts";
import {
  AgentStateSchema,
  CallStateSchema,
  ChatStateSchema,
  Direction,
  DirectionSchema,
  ParticipantStateSchema,
  ParticipantType,
  TriggerSchema,
} from "../../gen/ts/callwire/v1/state_pb.ts";
import { wordOf } from "./enum-words.ts";

export type Style = Parameters<typeof styleText>[0];
/** Puts a text in a style, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_style, text) => text;

/** Colours as the stream takes them: none for files and pipes, none with NO_COLOR. */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

const stateStyles: Record<string, Style> = {
  connected: "green",
  login: "green",
  accepted: "green",
  held: "yellow",
  transferred: "magenta",
  conferenced: "magenta",
  disconnected: "red",
  finished: "red",
  logout: "red",
};

/** The line of one event, without a line end. */
export function formatEvent(event: Event, paint: Paint): string {
  const kind = event.payload.case ?? "event";
  const state = stateOf(event);
  const cells = [
    paint("dim", event.receivedTime ? timestampDate(event.receivedTime).toISOString() : "no time".padEnd(24)),
    paint("bold", kind.padEnd(5)),
    paint(stateStyles[state] ?? "cyan", describeState(event, state).padEnd(26)),
    ...payloadCells(event, paint),
  ];
  if (event.redactionActive) cells.push(paint(["bold", "red"], "redaction active"));
  if (event.synthetic) cells.push(paint("dim", "by the gateway"));
  if (event.withheld) cells.push(paint("dim", "fields withheld"));
  cells.push(paint("dim", `#${event.offset}`));
  return cells.join("  ");
}

/** Text of the source made harmless: control and direction characters become visible escapes. */
export function harmless(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function stateOf({ payload }: Event): string {
  if (payload.case === undefined) return "";
  const { stateText } = payload.value;
  if (payload.case === "agent") return wordOf(AgentStateSchema, payload.value.state) || harmless(stateText);
  if (payload.case === "chat") return wordOf(ChatStateSchema, payload.value.state) || harmless(stateText);
  return wordOf(CallStateSchema, payload.value.state) || harmless(stateText);
}

/** The reported state, and what the history says that it means when that is another word: `connected (unheld)`. */
function describeState(event: Event, state: string): string {
  const meanings = (event.changes.length > 0 ? event.changes : [event.trigger])
    .map((trigger) => wordOf(TriggerSchema, trigger).replace(/^(call|chat|agent)_/, ""))
    .filter((word) => word !== "" && word !== state && word !== "updated");
  const shown = state || (event.synthetic ? "" : "no state");
  return meanings.length === 0 ? shown : `${shown} (${meanings.join(", ")})`.trim();
}

function payloadCells({ payload }: Event, paint: Paint): string[] {
  if (payload.case === undefined) return [paint("dim", "no payload")];
  if (payload.case === "agent") return [agentCell(payload.value)];
  return sessionCells(payload.value, payload.case === "call" ? payload.value.callId : payload.value.chatId, paint);
}

function agentCell(agent: AgentEvent): string {
  return harmless(`agent ${agent.participantId}${agent.email === "" ? "" : ` <${agent.email}>`}`);
}

function sessionCells(session: CallEvent | ChatEvent, id: string, paint: Paint): string[] {
  const path = session.queuePathNames.length > 0 ? session.queuePathNames : session.queuePathIds;
  const cells = [directionCell(session).padEnd(3), paint("blue", harmless(path.join("/") || "-")), harmless(id)];
  if (!session.participantsOmitted) cells.push(session.participants.map(participantText).join(", ") || "nobody left");
  return cells;
}

function directionCell({ direction, directionText }: CallEvent | ChatEvent): string {
  if (direction === Direction.INCOMING) return "in";
  if (direction === Direction.OUTGOING) return "out";
  return wordOf(DirectionSchema, direction) || harmless(directionText) || "-";
}

function participantText(party: Participant): string {
  const saysAgent = party.participantId?.startsWith("agent") ?? false; // chats name agents agent_1234
  const type = party.type === ParticipantType.AGENT && !saysAgent ? "agent" : "";
  const who = party.participantId ?? (party.name || "third party");
  const state = wordOf(ParticipantStateSchema, party.state) || party.stateText;
  return harmless([type || party.typeText, who, state].filter((word) => word !== "").join(" "));
}
