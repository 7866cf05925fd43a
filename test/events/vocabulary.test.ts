/** Every word of the source at every level, in every spelling that a feed might choose. */
import { describe, expect, test } from "vitest";
import {
  AgentState,
  CallState,
  ChatState,
  Direction,
  ParticipantState,
  ParticipantType,
} from "../../gen/ts/callwire/v1/state_pb.ts";
import { agentOf, callOf, chatOf, eventOf, qmCall } from "./normalised.ts";

/** The enum's values by the source's words: PARTICIPANT_DISCONNECT is participantDisconnect. */
function words(values: Record<string, string | number>): [word: string, value: number][] {
  return Object.entries(values)
    .filter((entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] !== 0)
    .map(([name, value]) => [name.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value]);
}

function spellings(word: string): string[] {
  const snake = word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return [word, word.toUpperCase(), snake, snake.replaceAll("_", " "), snake.replaceAll("_", "-")];
}

const chat = (fields: object) => ({ chat_id: 1, ...fields });
const party = (fields: object) => ({ Participants: [fields] });

const levels = [
  {
    level: "call state",
    words: words(CallState),
    read: (word: unknown) => {
      const { state, stateText } = callOf(qmCall({ State: word }));
      return [state, stateText];
    },
    note: "UNKNOWN_STATE",
  },
  {
    level: "participant state",
    words: words(ParticipantState),
    read: (word: unknown) => {
      const { state, stateText } = callOf(qmCall(party({ State: word }))).participants[0]!;
      return [state, stateText];
    },
    note: "UNKNOWN_STATE",
  },
  {
    level: "chat state",
    words: words(ChatState),
    read: (word: unknown) => {
      const { state, stateText } = chatOf(chat({ state: word }));
      return [state, stateText];
    },
    note: "UNKNOWN_STATE",
  },
  {
    level: "agent state",
    words: words(AgentState),
    read: (word: unknown) => {
      const { state, stateText } = agentOf({ type: "AgentState", item: { State: word } });
      return [state, stateText];
    },
    note: "UNKNOWN_STATE",
  },
  {
    level: "direction",
    words: words(Direction),
    read: (word: unknown) => {
      const { direction, directionText } = callOf(qmCall({ Direction: word }));
      return [direction, directionText];
    },
    note: "UNKNOWN_DIRECTION",
  },
  {
    level: "participant type",
    words: words(ParticipantType),
    read: (word: unknown) => {
      const { type, typeText } = chatOf(chat(party({ type: word }))).participants[0]!;
      return [type, typeText];
    },
    note: "UNKNOWN_PARTICIPANT_TYPE",
  },
];

describe.each(levels)("$level", ({ words, read }) => {
  test.each(words)("%s", (word, value) => {
    for (const spelling of spellings(word)) expect(read(spelling), spelling).toEqual([value, ""]);
  });

  test("a word that is not known is kept as text", () => expect(read("On-Break")).toEqual([0, "On-Break"]));
  test("a value that is no text is kept as JSON", () => expect(read({ code: [7] })).toEqual([0, '{"code":[7]}']));
  test("null and the empty text say nothing", () => {
    expect(read(null)).toEqual([0, ""]);
    expect(read("")).toEqual([0, ""]);
  });
  test("a long text is cut at 1 KiB between characters", () => {
    expect(read("ä".repeat(5_000))).toEqual([0, "ä".repeat(512)]);
    expect(read(`x${"😀".repeat(1_000)}`)).toEqual([0, `x${"😀".repeat(255)}`]);
  });
  test("half a surrogate pair becomes a replacement character", () => expect(read("\ud800")).toEqual([0, "\ufffd"]));
  test.each(["constructor", "__proto__", "toString"])("%s is a word like any other", (word) =>
    expect(read(word)).toEqual([0, word]));
});

test("each kind of unknown word is noted once an event", () => {
  const odd = { State: "parked", Type: "robot" };
  const { notes } = eventOf(qmCall({ State: "parked", Direction: "sideways", Participants: [odd, odd] }));
  expect([...notes].sort()).toEqual(["UNKNOWN_DIRECTION", "UNKNOWN_PARTICIPANT_TYPE", "UNKNOWN_STATE"]);
});
