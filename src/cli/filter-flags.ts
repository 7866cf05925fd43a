/**
 * Filters from flags. Different flags must all hold and repeated values of one are alternatives, as in a Filter message;
 * each `--filter` is a further alternative. A mistyped condition is refused here, before anything is sent.
 */
import { create } from "@bufbuild/protobuf";
import { type Command, Option } from "commander";
import { type Filter, FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import {
  CallStateSchema,
  ChatStateSchema,
  DirectionSchema,
  EventKind,
  EventKindSchema,
  ParticipantStateSchema,
  TriggerSchema,
} from "../../gen/ts/callwire/v1/state_pb.ts";
import { findNumber, numberOf, wordsOf } from "./enum-words.ts";
import { isEmptyFilter, parseNamedFilter } from "./filter-json.ts";
import { didYouMean, gather, UsageError } from "./usage.ts";

/** The filter flags as commander gives them. */
export interface FilterFlags {
  queue?: string[];
  queueId?: string[];
  queueUuid?: string[];
  agent?: string[];
  agentEmail?: string[];
  direction?: string[];
  kind?: string[];
  call?: string[];
  chat?: string[];
  state?: string[];
  participantState?: string[];
  trigger?: string[];
  language?: string[];
  participant?: string[];
  media?: string[];
  source?: string[];
  recordingPermitted?: "true" | "false";
  filter?: string[];
}

const repeatable: readonly [flags: string, description: string][] = [
  ["--queue <name>", "queue name path or its beginning: support, support/orders"],
  ["--queue-id <id>", "queue id, anywhere on the id path"],
  ["--queue-uuid <id>", "id of the queue reached"],
  ["--agent <id>", "agent id"],
  ["--agent-email <address>", "agent's e-mail address"],
  ["--direction <direction>", "incoming or outgoing"],
  ["--kind <kind>", "call, agent or chat"],
  ["--call <id>", "call id"],
  ["--chat <id>", "chat id"],
  ["--state <state>", "state of the call or chat, such as ringing, held, disconnected"],
  ["--participant-state <state>", "state of any participant, such as muted, redacted"],
  ["--trigger <trigger>", "documented action, such as call_held, call_ended, agent_login"],
  ["--language <code>", "language code"],
  ["--participant <id>", "id of any participant, agent or external"],
  ["--media <id>", "media id of the call or of a participant"],
  ["--source <id>", "source"],
];

/** Adds the filter flags to a command. Every one but `--recording-permitted` can be given more than once. */
export function addFilterFlags(command: Command): Command {
  command.optionsGroup("Filters (values of one flag are alternatives; different flags must all hold):");
  for (const [flags, description] of repeatable) {
    command.addOption(new Option(flags, description).argParser(gather));
  }
  command.addOption(
    new Option("--recording-permitted <bool>", "whether recording is permitted").choices(["true", "false"]),
  );
  command.addOption(
    new Option("--filter <[name=]json>", "a whole Filter as JSON, a further alternative").argParser(gather),
  );
  return command.optionsGroup("Options:");
}

/** The named filters that the flags ask for; empty means everything. */
export function buildFilters(flags: FilterFlags): Record<string, Filter> {
  const filters = filtersOfFlags(flags);
  for (const [index, text] of (flags.filter ?? []).entries()) {
    const { name, filter } = parseNamedFilter(text, index);
    if (filters[name] !== undefined) throw new UsageError(`--filter: the name "${name}" is taken; choose another.`);
    filters[name] = filter;
  }
  return filters;
}

function filtersOfFlags(flags: FilterFlags): Record<string, Filter> {
  const filter = create(FilterSchema, {
    queueNames: flags.queue ?? [],
    queueIds: flags.queueId ?? [],
    queueUuids: flags.queueUuid ?? [],
    agentIds: flags.agent ?? [],
    agentEmails: flags.agentEmail ?? [],
    directions: (flags.direction ?? []).map((word) => numberOf(DirectionSchema, "--direction", word)),
    kinds: (flags.kind ?? []).map((word) => numberOf(EventKindSchema, "--kind", word)),
    callIds: flags.call ?? [],
    chatIds: flags.chat ?? [],
    participantStates: (flags.participantState ?? []).map((word) =>
      numberOf(ParticipantStateSchema, "--participant-state", word),
    ),
    triggers: (flags.trigger ?? []).map((word) => numberOf(TriggerSchema, "--trigger", word)),
    languages: flags.language ?? [],
    participantIds: flags.participant ?? [],
    mediaIds: flags.media ?? [],
    sources: flags.source ?? [],
    ...(flags.recordingPermitted === undefined ? {} : { recordingPermitted: flags.recordingPermitted === "true" }),
  });
  if (flags.state !== undefined) return splitByKind(filter, flags.state);
  return isEmptyFilter(filter) ? {} : { flags: filter };
}

/** A state is a word of calls, of chats or of both, and a filter field of one kind never matches the other kind. */
function splitByKind(filter: Filter, words: string[]): Record<string, Filter> {
  const callStates = words.map((word) => findNumber(CallStateSchema, word)).filter((number) => number !== undefined);
  const chatStates = words.map((word) => findNumber(ChatStateSchema, word)).filter((number) => number !== undefined);
  for (const word of words) requireState(word);
  const only = filter.kinds.length === 1 ? filter.kinds[0] : undefined;
  const calls = callStates.length > 0 && filter.chatIds.length === 0 && (only ?? EventKind.CALL) === EventKind.CALL;
  const chats = chatStates.length > 0 && filter.callIds.length === 0 && (only ?? EventKind.CHAT) === EventKind.CHAT;
  if (!calls && !chats) throw new UsageError(`--state ${words.join(", ")} is no state of the kind that is asked for.`);
  const split: Record<string, Filter> = {};
  if (calls) split.calls = create(FilterSchema, { ...filter, callStates });
  if (chats) split.chats = create(FilterSchema, { ...filter, chatStates });
  return split;
}

function requireState(word: string): void {
  if (findNumber(CallStateSchema, word) !== undefined || findNumber(ChatStateSchema, word) !== undefined) return;
  const words = [...new Set([...wordsOf(CallStateSchema), ...wordsOf(ChatStateSchema)])];
  const hint = didYouMean(word, words) || ` It takes one of: ${words.join(", ")}.`;
  throw new UsageError(`--state: "${word}" is not a known value.${hint}`);
}
