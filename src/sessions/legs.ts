/**
 * The parties of a session. The source sends a snapshot of its participants with each event and mixes three facts in one
 * state: whether the party is connected, muted, redacted. Here each entry of a snapshot finds its leg, and the facts are
 * kept apart.
 */
import type { Participant } from "../../gen/ts/callwire/v1/event_pb.ts";
import type { SessionParticipant } from "../../gen/ts/callwire/v1/session_pb.ts";
import { ParticipantState, ParticipantType } from "../../gen/ts/callwire/v1/state_pb.ts";
import { addBounded } from "./bounds.ts";
import type { SessionState } from "./session-state.ts";

/** What a participant's state says about each fact; a fact that it does not mention stays as it was. */
interface Meaning {
  connection: ParticipantState;
  held?: boolean;
  muted?: boolean;
  redacted?: boolean;
}

const { CONNECTED } = ParticipantState;

/** `muted`, `redacted` and their opposites replace `connected`: the party is connected, and that flag changed. */
const meanings: Readonly<Partial<Record<ParticipantState, Meaning>>> = {
  [ParticipantState.DIALING]: { connection: ParticipantState.DIALING, held: false },
  [ParticipantState.WAITING]: { connection: ParticipantState.WAITING, held: false },
  [ParticipantState.RINGING]: { connection: ParticipantState.RINGING, held: false },
  [ParticipantState.ACCEPTED]: { connection: ParticipantState.ACCEPTED, held: false },
  [ParticipantState.CONNECTED]: { connection: CONNECTED, held: false },
  [ParticipantState.CONFERENCED]: { connection: CONNECTED, held: false },
  [ParticipantState.HELD]: { connection: CONNECTED, held: true },
  [ParticipantState.MUTED]: { connection: CONNECTED, muted: true },
  [ParticipantState.UNMUTED]: { connection: CONNECTED, muted: false },
  [ParticipantState.REDACTED]: { connection: CONNECTED, redacted: true },
  [ParticipantState.UNREDACTED]: { connection: CONNECTED, redacted: false },
  [ParticipantState.CALLBACK]: { connection: ParticipantState.CALLBACK, held: false },
  [ParticipantState.DEFLECTED]: { connection: ParticipantState.DEFLECTED, held: false },
  [ParticipantState.TRANSFERRED]: { connection: ParticipantState.TRANSFERRED, held: false },
  [ParticipantState.DISCONNECTED]: { connection: ParticipantState.DISCONNECTED, held: false },
  [ParticipantState.DISPOSITION_SUBMITTED]: { connection: ParticipantState.DISCONNECTED, held: false },
};

const goneConnections: ReadonlySet<ParticipantState> = new Set([
  ParticipantState.DISCONNECTED,
  ParticipantState.TRANSFERRED,
  ParticipantState.DEFLECTED,
  ParticipantState.CALLBACK,
]);

/** Not on the session any more. */
export function isGone(leg: SessionParticipant): boolean {
  return goneConnections.has(leg.connection);
}

/** On the session: connected, be it on hold, muted or redacted. */
export function isJoined(leg: SessionParticipant): boolean {
  return leg.connection === CONNECTED;
}

/** The parties that a snapshot changed, by what happened to them. */
interface ChangedLegs {
  joinedAgents: readonly SessionParticipant[];
  joinedExternals: readonly SessionParticipant[];
  /** Agents that began to ring. */
  ringing: readonly SessionParticipant[];
  /** Parties that were connected and have left, saying so or vanishing without a word. */
  leftExplicitly: readonly SessionParticipant[];
  leftImplicitly: readonly SessionParticipant[];
  /** Parties, connected before or not, that are gone now. */
  gone: readonly SessionParticipant[];
  held: readonly SessionParticipant[];
  unheld: readonly SessionParticipant[];
  muted: readonly SessionParticipant[];
  unmuted: readonly SessionParticipant[];
  redacted: readonly SessionParticipant[];
  unredacted: readonly SessionParticipant[];
}

/** What one snapshot changed. */
export interface LegChanges extends ChangedLegs {
  /** Some state was not known. */
  unknownState: boolean;
  /** A connected party was said to ring, to wait or to be dialled. */
  impossible: boolean;
}

/** Most events change next to nothing: lists are made when they get their first entry. */
const none: readonly SessionParticipant[] = [];

export function noLegChanges(): LegChanges {
  return {
    joinedAgents: none,
    joinedExternals: none,
    ringing: none,
    leftExplicitly: none,
    leftImplicitly: none,
    gone: none,
    held: none,
    unheld: none,
    muted: none,
    unmuted: none,
    redacted: none,
    unredacted: none,
    unknownState: false,
    impossible: false,
  };
}

function note(changes: LegChanges, what: keyof ChangedLegs, leg: SessionParticipant): void {
  const legs = changes[what];
  if (legs.length === 0) changes[what] = [leg];
  else (legs as SessionParticipant[]).push(leg);
}

export function anyLeft({ leftExplicitly, leftImplicitly }: LegChanges): boolean {
  return leftExplicitly.length + leftImplicitly.length > 0;
}

function sameType(a: ParticipantType, b: ParticipantType): boolean {
  return a === b || a === ParticipantType.UNSPECIFIED || b === ParticipantType.UNSPECIFIED;
}

/**
 * The leg of an entry: that with its id and type, or, for a party without an id, the first of its type that is still there
 * and not yet found. So several parties without ids keep their order.
 */
function findLeg(
  { session }: SessionState,
  entry: Participant,
  found: readonly SessionParticipant[],
): SessionParticipant | undefined {
  for (const leg of session.participants) {
    if (leg.participantId !== entry.participantId || !sameType(leg.type, entry.type) || found.includes(leg)) continue;
    if (leg.participantId !== undefined || !isGone(leg)) return leg;
  }
  return undefined;
}

function newLeg(state: SessionState, entry: Participant): SessionParticipant {
  const leg: SessionParticipant = {
    $typeName: "callwire.v1.SessionParticipant",
    leg: state.session.participants.length + 1,
    participantId: entry.participantId,
    type: entry.type,
    virtual: entry.participantId?.startsWith("virtual_agent") ?? false,
    connection: ParticipantState.UNSPECIFIED,
    held: false,
    muted: false,
    redacted: false,
  };
  addBounded(state, state.session.participants, leg, entry.participantId?.length ?? 0);
  return leg;
}

/** Takes a leg off the session; what held for it ends with it. */
export function leave(
  leg: SessionParticipant,
  connection: ParticipantState,
  changes: LegChanges,
  implicit: boolean,
): void {
  if (isJoined(leg)) note(changes, implicit ? "leftImplicitly" : "leftExplicitly", leg);
  note(changes, "gone", leg);
  leg.connection = connection;
  leg.held = false;
  leg.muted = false;
  leg.redacted = false;
}

function noteJoin(leg: SessionParticipant, changes: LegChanges): void {
  note(changes, leg.type === ParticipantType.AGENT ? "joinedAgents" : "joinedExternals", leg);
}

function connect(leg: SessionParticipant, connection: ParticipantState, changes: LegChanges): void {
  if (leg.connection === connection) return;
  if (isJoined(leg)) {
    // Nobody rings who is connected: an event that came too late. It does not undo what a later one said.
    changes.impossible = true;
    return;
  }
  if (connection === CONNECTED) noteJoin(leg, changes);
  if (connection === ParticipantState.RINGING) note(changes, "ringing", leg);
  leg.connection = connection;
}

function setFlags(leg: SessionParticipant, isNew: boolean, meaning: Meaning, held: boolean, changes: LegChanges): void {
  if (held !== leg.held) note(changes, held ? "held" : "unheld", leg);
  leg.held = held;
  const { muted, redacted } = meaning;
  // On a leg never seen before the word itself is the evidence of the change.
  if (muted !== undefined && (isNew || muted !== leg.muted)) note(changes, muted ? "muted" : "unmuted", leg);
  if (redacted !== undefined && (isNew || redacted !== leg.redacted)) {
    note(changes, redacted ? "redacted" : "unredacted", leg);
  }
  leg.muted = muted ?? leg.muted;
  leg.redacted = redacted ?? leg.redacted;
}

export function endHold(leg: SessionParticipant, changes: LegChanges): void {
  if (leg.held) note(changes, "unheld", leg);
  leg.held = false;
}

/** How the session's own state bears on its participants. */
export interface SnapshotContext {
  /** The session's state is `held`: a party whose hold is hidden by another state may still be on hold. */
  isHeld: boolean;
  /** The session's state is `dialing`: the dialled party is already shown as connected, and is not. */
  isDialing: boolean;
}

function applyEntry(
  leg: SessionParticipant,
  isNew: boolean,
  entry: Participant,
  context: SnapshotContext,
  changes: LegChanges,
): void {
  if (leg.type === ParticipantType.UNSPECIFIED) leg.type = entry.type;
  const meaning = meanings[entry.state];
  if (meaning === undefined) {
    changes.unknownState ||= entry.stateText !== "";
    // A party that is listed without a state that tells more is there.
    if (isNew) connect(leg, CONNECTED, changes);
    return;
  }
  if (goneConnections.has(meaning.connection)) {
    if (isNew) leg.connection = meaning.connection;
    else if (!isGone(leg)) leave(leg, meaning.connection, changes, false);
    return;
  }
  const isDialled = context.isDialing && entry.type === ParticipantType.EXTERNAL && !isJoined(leg);
  connect(leg, isDialled ? ParticipantState.DIALING : meaning.connection, changes);
  setFlags(leg, isNew, meaning, meaning.held ?? (context.isHeld && leg.held), changes);
}

/** Applies a snapshot: a party that it does not list any more has left without a word. */
export function applySnapshot(
  state: SessionState,
  snapshot: readonly Participant[],
  context: SnapshotContext,
): LegChanges {
  const changes = noLegChanges();
  const found: SessionParticipant[] = [];
  for (const entry of snapshot) {
    const known = findLeg(state, entry, found);
    const leg = known ?? newLeg(state, entry);
    found.push(leg);
    applyEntry(leg, known === undefined, entry, context, changes);
  }
  for (const leg of state.session.participants) {
    if (!found.includes(leg) && !isGone(leg)) leave(leg, ParticipantState.DISCONNECTED, changes, true);
  }
  return changes;
}
