import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Event, EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import { Trigger } from "../../gen/ts/callwire/v1/state_pb.ts";
import { defaultLimits } from "../../src/config/limits.ts";
import { frameAt, frameBody } from "../../src/log/block.ts";
import { Sequencer } from "../../src/log/sequencer.ts";
import { EmbeddedStore } from "../../src/log/sqlite/embedded-store.ts";
import { contactCentre } from "../../src/simulator/contact-centre.ts";

interface Kept {
  event: Event;
  keys: string[];
}

describe("the filter keys of events", () => {
  let folder: string;
  let store: EmbeddedStore;
  let sequencer: Sequencer;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "callwire-context-"));
    store = new EmbeddedStore(folder, defaultLimits);
    store.ensureTenant("default");
    sequencer = new Sequencer(store, defaultLimits, () => 1_700_000_000_000);
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  function take(...bodies: string[]): Kept[] {
    const requests = bodies.map((body) => {
      return { tenant: "default", source: "ccai", form: "body" as const, bytes: Buffer.from(body) };
    });
    return sequencer.run(requests).blocks.flatMap((block) =>
      Array.from(block.offsets, (_, ordinal) => {
        const ids = block.keys.ids.subarray(block.keys.starts[ordinal]!, block.keys.starts[ordinal + 1]!);
        const event = fromBinary(EventSchema, frameBody(frameAt(block, ordinal)));
        return { event, keys: [...ids].map((id) => block.keys.table[id]!) };
      }),
    );
  }

  const call = (State: string, item: object): string =>
    JSON.stringify({ type: "CallState", item: { CallID: "c1", State, ...item } });
  const agent = (ParticipantID: string, State = "connected"): object => ({ ParticipantID, Type: "agent", State });

  it("keep the queue, the direction and the agent for the end of an outbound call that names no queue", () => {
    const kept = take(
      call("connected", { Direction: "outgoing", Queue_path_names: "support/orders", Participants: [agent("7")] }),
      call("disconnected", {}),
    );
    expect(kept[1]!.event.trigger).toBe(Trigger.CALL_ENDED);
    expect(kept[1]!.keys).toEqual(expect.arrayContaining(["nsupport", "nsupport/orders", "d2", "a7", "i7"]));
  });

  it("have the agent who transferred a call away on the transfer, not between it and the end, and on the end", () => {
    const kept = take(
      call("connected", { Participants: [agent("7")] }),
      call("transferred", { Participants: [agent("8")] }),
      call("held", { Participants: [agent("8", "held")] }),
      call("disconnected", { Participants: [agent("8", "disconnected")] }),
    );
    expect(kept.map(({ keys }) => [keys.includes("a7"), keys.includes("a8")])).toEqual([
      [true, false],
      [true, true],
      [false, true],
      [true, true],
    ]);
  });

  it("have the value that an event replaces: the queue that is left, a permission that is withdrawn", () => {
    const kept = take(
      call("waiting", { Queue_path_names: "support", Recording_permitted: true, Language: "en" }),
      call("waiting", { Queue_path_names: "sales", Recording_permitted: false, Language: "fr" }),
      call("waiting", {}),
    );
    expect(kept[1]!.keys).toEqual(expect.arrayContaining(["nsupport", "nsales", "rtrue", "rfalse", "len", "lfr"]));
    expect(kept[2]!.keys).toEqual(expect.arrayContaining(["nsales", "rfalse", "lfr"]));
    expect(kept[2]!.keys).not.toContain("nsupport");
    expect(kept[2]!.keys).not.toContain("rtrue");
  });

  it("find an agent's calls by e-mail, also where the payload leaves the agent out", () => {
    const login = JSON.stringify({
      type: "AgentState",
      item: { ParticipantID: "7", Email: "A@example.com", State: "login" },
    });
    const kept = take(login, call("connected", { Participants: [agent("7")] }), call("held", {}));
    expect(kept.map(({ keys }) => keys.includes("ea@example.com"))).toEqual([true, true, true]);
  });

  it("know no agent by what is too long for an address", () => {
    const login = (Email: string): string =>
      JSON.stringify({ type: "AgentState", item: { ParticipantID: "7", Email, State: "login" } });
    take(login(`${"x".repeat(308)}@example.com`));
    expect(store.view.agents("default")).toMatchObject([{ agentId: "7", email: `${"x".repeat(308)}@example.com` }]);
    take(login(`${"y".repeat(309)}@example.com`));
    expect(store.view.agents("default")[0]!.email).toMatch(/^x/);
  });

  it.each([1, 2, 3])("have on the last event all that any event of the call had (seed %i)", (seed) => {
    const posts = [...contactCentre({ seed, calls: 150, chats: 0, reorder: 0.05, duplicates: 0.05 })];
    const sessionKeys = /^[naqdiuec]/;
    const ever = new Map<bigint, Set<string>>();
    let ended = 0;
    for (const { event, keys } of take(...posts.map(({ body }) => body))) {
      if (event.payload.case !== "call") continue;
      const all = ever.get(event.sessionOffset) ?? new Set<string>();
      ever.set(event.sessionOffset, all);
      for (const key of keys) if (sessionKeys.test(key)) all.add(key);
      if (event.trigger !== Trigger.CALL_ENDED) continue;
      ended++;
      expect(keys).toEqual(expect.arrayContaining([...all]));
    }
    expect(ended).toBeGreaterThan(100);
  });

  it("have what an agent did", () => {
    const [kept] = take('{"type":"AgentState","item":{"ParticipantID":"7","State":"login"}}');
    expect(kept!.keys).toContain(`g${Trigger.AGENT_LOGIN}`);
  });

  it("of a whole call stay small however many queues it passes: those that came first", () => {
    const path = (index: number): string =>
      Array.from({ length: 60 }, (_, depth) => `queue-${index}-${depth}`).join("/");
    take(call("connecting", { Queue_path_names: "support" }));
    for (let index = 0; index < 100; index++) take(call("connected", { Queue_path_names: path(index) }));
    const { keys } = store.view.currentSession("default", "call", "ccai", "c1")!;
    expect(JSON.parse(keys)).toEqual(expect.arrayContaining(["nsupport", "nqueue-0-0"]));
    expect(keys.length).toBeGreaterThan(30_000);
    expect(keys.length).toBeLessThan(80_000);
  });

  it("keep calls without an id apart: such an event has no session and nothing of another call", () => {
    const nameless = (State: string, item: object): string =>
      JSON.stringify({ type: "CallState", item: { State, ...item } });
    const kept = take(
      nameless("connected", { Queue_path_names: "support", Participants: [agent("7", "redacted")] }),
      nameless("ringing", { Participants: [agent("8", "ringing")] }),
    );
    expect(kept.map(({ event }) => [event.trigger, event.redactionActive, event.sessionOffset])).toEqual([
      [Trigger.CALL_REDACTED, true, 0n],
      [Trigger.CALL_RINGING, false, 0n],
    ]);
    expect(kept[0]!.keys).toEqual(expect.arrayContaining(["nsupport", "a7", `g${Trigger.CALL_REDACTED}`]));
    expect(kept[1]!.keys).toEqual(expect.not.arrayContaining(["nsupport", "a7"]));
  });
});
