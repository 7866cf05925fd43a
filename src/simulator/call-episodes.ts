/** What may happen in the middle of a call. Each episode leaves everyone who stays `connected`. */
import type { CallScript, Participant } from "./call-script.ts";
import { phoneNumber, queues } from "./directory.ts";

type Episode = (call: CallScript) => void;

const handler = (call: CallScript): Participant => call.participants.find(({ Type }) => Type === "agent")!;
const caller = (call: CallScript): Participant => call.participants.find(({ Type }) => Type === "external")!;

const hold: Episode = (call) => {
  caller(call).State = "held";
  call.wait(5_000, 40_000).post("call-held", "held");
  caller(call).State = "connected";
  call.wait(5_000, 90_000).post("call-unheld", "connected");
};

const mute: Episode = (call) => {
  handler(call).State = "muted";
  call.wait(3_000, 30_000).post("call-muted", "connected");
  handler(call).State = "unmuted";
  call.wait(2_000, 20_000).post("call-unmuted", "connected");
  handler(call).State = "connected";
};

/** The customer reads out a card number. */
const redact: Episode = (call) => {
  call.all("redacted").wait(10_000, 60_000).post("call-redacted", "connected");
  call.all("unredacted").wait(15_000, 60_000).post("call-unredacted", "connected");
  call.all("connected");
};

/** To a chosen agent, or through another queue. The one who transferred is gone from the list, without a word. */
const coldTransfer: Episode = (call) => {
  const next = call.cast.takeAgent();
  if (next === undefined) return;
  const first = handler(call);
  if (call.cast.random.chance(0.5)) call.queueUuid = call.cast.random.weighted(queues).uuid;
  const second = call.joinAgent(next, "ringing");
  call.wait(10_000, 60_000).post("call-inbound-ringing", "ringing");
  call.remove(first);
  second.State = "connected";
  call.wait(2_000, 12_000).post("call-transferred-cold", "transferred");
};

/** The second agent is introduced, then the first leaves. */
const warmTransfer: Episode = (call) => {
  const next = call.cast.takeAgent();
  if (next === undefined) return;
  const first = handler(call);
  call.joinAgent(next);
  call.wait(10_000, 60_000).post("call-conferenced-warm", "conferenced");
  first.State = "disconnected";
  call.wait(10_000, 60_000).post("call-participant-disconnect", "participantDisconnect");
  call.remove(first);
};

/** Someone outside is called in and leaves again; only agents who leave are announced. */
const thirdParty: Episode = (call) => {
  const { random } = call.cast;
  const other = call.joinExternal(random.chance(0.3) ? null : phoneNumber(random));
  call.wait(10_000, 40_000).post("third-party-dialing", "dialing");
  call.wait(3_000, 15_000).post("third-party-connected", "connected");
  if (random.chance(0.4)) {
    other.State = "held";
    call.wait(5_000, 30_000).post("third-party-held", "held");
    other.State = "connected";
    call.wait(5_000, 30_000).post("third-party-unheld", "connected");
  }
  call.remove(other);
};

/** Undefined is a stretch in which nothing is posted. */
const inboundEpisodes: readonly (readonly [Episode | undefined, number])[] = [
  [undefined, 30],
  [hold, 22],
  [mute, 14],
  [redact, 12],
  [coldTransfer, 9],
  [warmTransfer, 8],
  [thirdParty, 5],
];

const outboundEpisodes: readonly (readonly [Episode | undefined, number])[] = [
  [undefined, 60],
  [hold, 20],
  [mute, 20],
];

export function playEpisodes(call: CallScript, direction: "incoming" | "outgoing"): void {
  const { random } = call.cast;
  const episodes = direction === "incoming" ? inboundEpisodes : outboundEpisodes;
  for (let left = random.int(1, 3); left > 0; left--) random.weighted(episodes)?.(call);
}
