/** One call or chat as one line for people: id, direction, queue, state, who is on it, what holds, and for how long. */
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Session } from "../../gen/ts/callwire/v1/session_pb.ts";
import { Direction, EventKind, ParticipantState, ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { harmless, type Paint } from "./event-line.ts";

export const sessionHeading = ["id", "kind", "dir", "queue", "state", "agents", "holds", "since"];

function ageOf(from: Timestamp | undefined, nowMs: number): string {
  if (from === undefined) return "-";
  const seconds = Math.max(0, Math.floor((nowMs - timestampMs(from)) / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const clock = [minutes, seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return hours > 0 ? `${hours}:${clock}` : clock;
}

/** What holds for some party now: that it is on hold, muted or redacted. */
function facts({ participants }: Session): string {
  const names = ["held", "muted", "redacted"] as const;
  return names.filter((name) => participants.some((party) => party[name])).join(" ");
}

function agents({ participants }: Session): string {
  const connected = participants.filter(
    ({ type, connection }) => type === ParticipantType.AGENT && connection === ParticipantState.CONNECTED,
  );
  return connected.map(({ participantId }) => participantId ?? "?").join(" ");
}

const directions: Partial<Record<Direction, string>> = { [Direction.INCOMING]: "in", [Direction.OUTGOING]: "out" };

/** The cells of a session, in the order of the heading. */
export function sessionCells(session: Session, nowMs: number): string[] {
  const path = session.queuePathNames.length > 0 ? session.queuePathNames : session.queuePathIds;
  return [
    session.sessionId,
    session.kind === EventKind.CHAT ? "chat" : "call",
    directions[session.direction] ?? "-",
    path.join("/") || session.queueUuid || "-",
    session.open ? session.state || "-" : `${session.state || "-"} (ended)`,
    agents(session) || "-",
    facts(session) || "-",
    ageOf(session.firstReceivedTime, nowMs),
  ].map(harmless);
}

/** Rows in columns, each as wide as its widest cell; the first row is the heading. */
export function table(rows: readonly (readonly string[])[], paint: Paint): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  return `${[paint("dim", lines[0]!), ...lines.slice(1)].join("\n")}\n`;
}
