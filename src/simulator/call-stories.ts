/** Calls of the QM feed, from the first event to the last. */
import { playEpisodes } from "./call-episodes.ts";
import { CallScript } from "./call-script.ts";
import { queues } from "./directory.ts";
import type { Cast, Story } from "./story.ts";

/** Multicast queues ring everywhere and announce nothing before someone answers. */
const multicastShare = 0.15;

export function inboundCall(cast: Cast): Story {
  const { random } = cast;
  const call = new CallScript(cast, random.weighted(queues), "incoming");
  call.joinExternal(call.customer);
  if (random.chance(0.4)) call.wait(200, 2_000).post("call-waiting", "waiting");
  const agent = call.joinAgent(cast.agent, "ringing");
  call.wait(500, 20_000);
  if (!random.chance(multicastShare)) call.post("call-inbound-ringing", "ringing");
  agent.State = "connected";
  call.wait(1_500, 12_000).post("call-inbound-connected", "connected");
  playEpisodes(call, "incoming");
  call.all("disconnected").wait(20_000, 180_000).post("call-inbound-disconnected", "disconnected");
  return call.end();
}

/** The dialled party is listed as `connected` while it is still ringing: the platform does so. */
export function outboundCall(cast: Cast): Story {
  const { random } = cast;
  const call = new CallScript(cast, random.weighted(queues), "outgoing");
  call.joinAgent(cast.agent);
  call.joinExternal(call.customer);
  call.wait(200, 2_000).post("call-outbound-dialing", "dialing");
  call.wait(4_000, 20_000);
  if (random.chance(0.8)) {
    call.post("call-outbound-connected", "connected");
    playEpisodes(call, "outgoing");
    call.wait(15_000, 120_000);
  }
  call.all("disconnected").postShort("call-outbound-disconnected", "disconnected");
  return call.end();
}
