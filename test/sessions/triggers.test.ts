import { describe, expect, it } from "vitest";
import { Story } from "./story.ts";

/** What is told, then the changes that the fold must find; the first is the trigger. */
type Step = [state: string, parties: string | undefined, changes: string, more?: object];

function expectStory(steps: readonly Step[], kind: "call" | "chat" = "call"): Story {
  const story = new Story(kind);
  for (const [state, parties, changes, more] of steps) {
    const told = story.tell(state, parties, more);
    expect(told.changes.join(" "), `${state} ${parties}`).toBe(changes);
    expect(told.trigger).toBe(told.changes[0] ?? "UNSPECIFIED");
  }
  return story;
}

const stories: Record<string, Step[]> = {
  "an inbound call that is queued, rings, is answered and ends": [
    ["waiting", "ext:connected", "CALL_QUEUED"],
    ["ringing", "ext:connected, agent 7:ringing", "CALL_RINGING"],
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["disconnected", "ext:disconnected, agent 7:disconnected", "CALL_ENDED"],
  ],
  "answered without ringing, after waiting": [
    ["waiting", "ext:connected", "CALL_QUEUED"],
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
  ],
  "answered, held and un-held by the same bytes as answered": [
    ["ringing", "ext:connected, agent 7:ringing", "CALL_RINGING"],
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["held", "ext:held, agent 7:connected", "CALL_HELD"],
    ["connected", "ext:connected, agent 7:connected", "CALL_UNHELD"],
    ["connected", "ext:connected, agent 7:connected", "CALL_UPDATED"],
  ],
  "one of two held parties un-held": [
    ["connected", "ext:connected, agent 7:connected, external 9:connected", "CALL_ANSWERED"],
    ["held", "ext:held, agent 7:connected, external 9:held", "CALL_HELD"],
    ["held", "ext:connected, agent 7:connected, external 9:held", "CALL_UNHELD"],
    ["connected", "ext:connected, agent 7:connected, external 9:connected", "CALL_UNHELD"],
  ],
  "hold told by the state alone": [
    ["connected", undefined, "CALL_ANSWERED"],
    ["held", undefined, "CALL_HELD"],
    ["held", undefined, "CALL_UPDATED"],
    ["connected", undefined, "CALL_UNHELD"],
    ["disconnected", undefined, "CALL_ENDED"],
  ],
  "hold told by the state, of parties that are all said to be connected": [
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["held", "ext:connected, agent 7:connected", "CALL_HELD"],
    ["connected", "ext:connected, agent 7:muted", "CALL_MUTED CALL_UNHELD"],
    ["held", "ext:connected, agent 7:connected", "CALL_HELD"],
    ["connected", "ext:connected, agent 7:connected", "CALL_UNHELD"],
    ["connected", "ext:connected, agent 7:connected", "CALL_UPDATED"],
  ],
  "an outbound call, whose dialled party is shown connected too early": [
    ["dialing", "agent 7:connected, ext:connected", "CALL_DIALING", { Direction: "outgoing" }],
    ["connected", "agent 7:connected, ext:connected", "CALL_OUTBOUND_CONNECTED", { Direction: "outgoing" }],
    ["disconnected", "agent 7:disconnected, ext:disconnected", "CALL_ENDED", { Direction: "outgoing" }],
  ],
  "a third party dialled into a call, and answering": [
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["dialing", "ext:connected, agent 7:connected, external:connected", "CALL_DIALING"],
    ["connected", "ext:connected, agent 7:connected, external:connected", "CALL_OUTBOUND_CONNECTED"],
  ],
  "a dialled third party who does not answer": [
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["dialing", "ext:connected, agent 7:connected, external:dialing", "CALL_DIALING"],
    ["connected", "ext:connected, agent 7:connected", "CALL_UPDATED"],
  ],
  "mute and redaction of several at once, kept apart": [
    ["connected", "ext:connected, agent 7:connected, agent 8:connected", "CALL_ANSWERED"],
    ["connected", "ext:muted, agent 7:connected, agent 8:muted", "CALL_MUTED"],
    ["connected", "ext:redacted, agent 7:redacted, agent 8:redacted", "CALL_REDACTED"],
    ["connected", "ext:unredacted, agent 7:unredacted, agent 8:unredacted", "CALL_UNREDACTED"],
    ["connected", "ext:unmuted, agent 7:connected, agent 8:unmuted", "CALL_UNMUTED"],
  ],
  "redaction first when one snapshot changes several things": [
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["connected", "ext:redacted, agent 7:muted", "CALL_REDACTED CALL_MUTED"],
    ["held", "ext:unredacted, agent 7:unmuted", "CALL_UNREDACTED CALL_HELD CALL_UNMUTED"],
  ],
  "what the source says of a party before what its presence shows: an agent who comes muted": [
    ["participantDisconnect", "ext:connected, agent 7:disconnected, agent 8:connected", "CALL_PARTICIPANT_LEFT"],
    ["connected", "ext:connected, agent 7:muted, agent 8:muted", "CALL_MUTED CALL_ANSWERED"],
    ["connected", "ext:connected, agent 7:unmuted, agent 8:unmuted", "CALL_UNMUTED"],
    ["held", "ext:held, agent 7:muted, agent 8:connected", "CALL_HELD CALL_MUTED"],
    ["connected", "ext:connected, agent 7:unmuted, agent 8:connected", "CALL_UNMUTED CALL_UNHELD"],
  ],
  "a cold transfer, of which the agent vanishes": [
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["ringing", "ext:connected, agent 7:connected, agent 8:ringing", "CALL_RINGING"],
    ["transferred", "ext:connected, agent 8:connected", "CALL_TRANSFERRED_COLD"],
  ],
  "a warm transfer, and the first agent leaving the conference": [
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["conferenced", "ext:connected, agent 7:connected, agent 8:connected", "CALL_CONFERENCED_WARM"],
    ["participantDisconnect", "ext:connected, agent 7:disconnected, agent 8:connected", "CALL_PARTICIPANT_LEFT"],
    ["participantDisconnect", "ext:connected, agent 7:disconnected, agent 8:connected", "CALL_UPDATED"],
  ],
  "a party that vanishes": [
    ["connected", "ext:connected, agent 7:connected, agent 8:connected", "CALL_ANSWERED"],
    ["connected", "ext:connected, agent 8:connected", "CALL_PARTICIPANT_LEFT"],
  ],
  "disconnected while others are connected": [
    ["connected", "ext:connected, agent 7:connected, agent 8:connected", "CALL_ANSWERED"],
    ["disconnected", "ext:disconnected, agent 7:connected, agent 8:connected", "CALL_PARTICIPANT_LEFT"],
    ["disconnected", "ext:disconnected, agent 7:connected, agent 8:connected", "CALL_UPDATED"],
    ["disconnected", "ext:disconnected, agent 7:disconnected, agent 8:disconnected", "CALL_ENDED"],
  ],
  "wrap-up and strays after the end": [
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["disconnected", "", "CALL_ENDED"],
    ["disconnected", "ext:disconnected, agent 7:dispositionSubmitted", "CALL_WRAPPED_UP"],
    ["disconnected", "ext:disconnected, agent 7:dispositionSubmitted", "CALL_UPDATED"],
    ["connected", "ext:connected, agent 7:connected", "CALL_UPDATED"],
  ],
  "the next projection of a cascade": [
    ["ringing", "ext:connected, agent 7:ringing", "CALL_RINGING"],
    ["ringing", "ext:connected, agent 8:ringing", "CALL_RINGING"],
    ["ringing", "ext:connected, agent 8:ringing", "CALL_UPDATED"],
    ["redirected", "ext:connected", "CALL_REDIRECTED"],
    ["deflected", "ext:connected", "CALL_DEFLECTED"],
  ],
  "another queue": [
    ["waiting", "ext:connected", "CALL_QUEUED", { Queue_path_names: "support" }],
    ["waiting", "ext:connected", "CALL_UPDATED", { Queue_path_names: "support" }],
    ["waiting", "ext:connected", "CALL_QUEUED", { Queue_path_names: "sales" }],
  ],
  "an external session event's call: nobody has answered before an agent is connected": [
    ["connected", "ext:connected", "CALL_UPDATED"],
    ["connected", "ext:connected, agent 7:accepted", "CALL_UPDATED"],
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["disconnected", "ext:disconnected, agent 7:disconnected", "CALL_ENDED"],
    ["disconnected", "ext:disconnected, agent 7:dispositionSubmitted", "CALL_WRAPPED_UP"],
  ],
  "a state that nobody knows": [
    ["connected", "ext:connected, agent 7:connected", "CALL_ANSWERED"],
    ["levitating", "ext:connected, agent 7:hovering", ""],
    ["levitating", "ext:connected, agent 7:connected", ""],
    ["levitating", undefined, ""],
  ],
};

describe("a call's triggers", () => {
  for (const [title, steps] of Object.entries(stories)) it(title, () => void expectStory(steps));
});

describe("a call first seen midway", () => {
  const first: [state: string, parties: string, direction: string, changes: string, anomaly: string][] = [
    ["connected", "ext:connected, agent 7:connected", "incoming", "CALL_ANSWERED", "FIRST_SEEN_CONNECTED"],
    ["connected", "ext:connected, agent 7:connected", "outgoing", "", "FIRST_SEEN_CONNECTED"],
    ["connected", "ext:connected, agent 7:muted", "incoming", "CALL_MUTED", "FIRST_SEEN_MIDWAY"],
    ["connected", "ext:unredacted, agent 7:unredacted", "incoming", "CALL_UNREDACTED", "FIRST_SEEN_MIDWAY"],
    ["held", "ext:held, agent 7:connected", "incoming", "CALL_HELD", "FIRST_SEEN_MIDWAY"],
    ["transferred", "ext:connected, agent 8:connected", "incoming", "CALL_TRANSFERRED_COLD", "FIRST_SEEN_MIDWAY"],
    ["conferenced", "agent 7:connected, agent 8:connected", "incoming", "CALL_CONFERENCED_WARM", "FIRST_SEEN_MIDWAY"],
    ["disconnected", "ext:disconnected", "outgoing", "CALL_ENDED", "FIRST_SEEN_MIDWAY"],
  ];
  it.each(first)("%s with %s, %s: %s %s", (state, parties, Direction, changes, anomaly) => {
    const story = new Story();
    expect(story.tell(state, parties, { Direction }).changes.join(" ")).toBe(changes);
    expect(story.anomalies).toEqual([anomaly]);
  });

  it("has no anomaly when it begins as calls do", () => {
    for (const state of ["ringing", "dialing", "waiting"]) {
      const story = new Story();
      story.tell(state, "ext:connected");
      expect(story.anomalies).toEqual([]);
    }
  });
});

describe("a chat's triggers", () => {
  it("are told by first sight, by acceptance before anybody is connected, and by the agent", () => {
    const steps: Step[] = [
      ["waiting", "ext:connected", "CHAT_STARTED"],
      ["waiting", "ext:connected", "CHAT_WAITING"],
      ["waiting", "ext:connected", "CHAT_UPDATED"],
      ["connected", "ext:connected", "CHAT_ACCEPTED"],
      ["connected", "ext:connected, agent agent_1:connected", "CHAT_CONNECTED"],
      ["waiting", "ext:connected", "CHAT_WAITING CHAT_PARTICIPANT_LEFT"],
      ["connected", "ext:connected, agent agent_2:connected", "CHAT_CONNECTED"],
      ["disconnected", "ext:disconnected, agent agent_2:disconnected", "CHAT_ENDED"],
      ["disconnected", "agent agent_2:dispositionSubmitted", "CHAT_WRAPPED_UP"],
    ];
    const story = expectStory(steps, "chat");
    expect(story.anomalies).toEqual(["IMPLICIT_LEAVE"]);
  });
});

describe("a hold", () => {
  it("ends for every party when the state alone says so", () => {
    const story = new Story();
    story.tell("connected", "ext:connected, agent 7:connected");
    story.tell("held", "ext:held, agent 7:connected");
    expect(story.tell("connected").trigger).toBe("CALL_UNHELD");
    expect(story.session.participants.map(({ held }) => held)).toEqual([false, false]);
    expect(story.session.holdSpans).toMatchObject([{ beginOffset: 2n, endOffset: 3n }]);
  });
});

describe("the spans of a session", () => {
  it("tell the gateway's time always, and the source's when it sent one", () => {
    const story = new Story();
    const seconds = (time: { seconds: bigint } | undefined): number | undefined => time && Number(time.seconds);
    story.tell("connected", "agent 7:connected", { Queue_path_names: "support", timestamp: 100_000 });
    story.tell("connected", "ext:muted, agent 8:redacted", { Queue_path_names: "sales", timestamp: 200_000 });
    story.tell("disconnected", "", {});
    const { agents, queueSpans, muteSpans, redactionSpans } = story.session;
    const told = [
      ...agents.map((span) => [span.joinedTime, span.joinedEventTime, span.leftTime, span.leftEventTime]),
      ...[...queueSpans, ...muteSpans, ...redactionSpans].map((span) => {
        return [span.beginTime, span.beginEventTime, span.endTime, span.endEventTime];
      }),
    ];
    const [first, second] = [
      [1, 100, 2, 200],
      [2, 200, 3, undefined],
    ];
    expect(told.map((times) => times.map(seconds))).toEqual([first, second, first, second, second, second]);
  });
});
