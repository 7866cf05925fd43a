import { describe, expect, it } from "vitest";
import { normaliseBody } from "../../src/events/normalise-body.ts";
import { type ContactCentreOptions, contactCentre, type Post } from "../../src/simulator/contact-centre.ts";

const posts = (options: ContactCentreOptions): Post[] => [...contactCentre(options)];

const share = (all: Post[], matches: (post: Post) => boolean): number => all.filter(matches).length / all.length;

/** The first post of each session. */
function sessions(all: Post[]): Post[] {
  return [...new Map(all.toReversed().map((post) => [post.sessionKey, post])).values()];
}

const documentedActions = [
  "agent-login",
  "agent-logout",
  "call-inbound-ringing",
  "call-inbound-connected",
  "call-outbound-dialing",
  "call-outbound-connected",
  "call-held",
  "call-unheld",
  "call-transferred-cold",
  "call-conferenced-warm",
  "call-participant-disconnect",
  "call-muted",
  "call-unmuted",
  "call-redacted",
  "call-unredacted",
  "call-inbound-disconnected",
  "call-outbound-disconnected",
];

describe("a contact centre", () => {
  it("repeats itself byte for byte for equal options, and not for another seed", () => {
    const options = { calls: 100, duplicates: 0.1, reorder: 0.1, garbage: 0.1 };
    expect(posts({ seed: 5, ...options })).toEqual(posts({ seed: 5, ...options }));
    expect(posts({ seed: 5, ...options })).not.toEqual(posts({ seed: 6, ...options }));
  });

  it.each([1, 2, 3])("shows every documented action within 300 calls (seed %i)", (seed) => {
    const seen = new Set(posts({ seed, calls: 300, chats: 0 }).map(({ what }) => what));
    expect(documentedActions.filter((action) => !seen.has(action))).toEqual([]);
  });

  it.each([0, 0.2])("has an agent on one session at a time, between sign-in and sign-out (disorder %d)", (reorder) => {
    const all = posts({ seed: 9, calls: 400, agents: 12, reorder });
    const lastPostOf = new Map(all.map((post, index) => [post.sessionKey, index]));
    const sessionOf = new Map<string, string>();
    const signedIn = new Set<string>();
    for (const [index, { what, sessionKey, agentIds }] of all.entries()) {
      if (what === "agent-login") signedIn.add(agentIds[0]!);
      else if (what === "agent-logout") signedIn.delete(agentIds[0]!);
      else {
        for (const agentId of agentIds) {
          expect(signedIn).toContain(agentId);
          const earlier = sessionOf.get(agentId);
          const namedAgain = all.slice(index, lastPostOf.get(earlier ?? "")! + 1).some((post) => {
            return post.sessionKey === earlier && post.agentIds.includes(agentId);
          });
          if (earlier !== sessionKey) expect(namedAgain).toBe(false);
          sessionOf.set(agentId, sessionKey);
        }
      }
    }
  });

  it("keeps the shares that it was asked for", () => {
    const started = sessions(posts({ seed: 3, calls: 1_500, chats: 0.4, external: 0.5 }));
    const customers = started.filter(({ sessionKey }) => !sessionKey.startsWith("agent-"));
    expect(customers).toHaveLength(1_500);
    expect(share(customers, ({ sessionKey }) => sessionKey.startsWith("chat-"))).toBeCloseTo(0.4, 1);
    expect(share(customers, ({ source }) => source === "ccai-external")).toBeCloseTo(0.3, 1);
  });

  it("tells the same calls whether or not posts are doubled and disturbed", () => {
    const options = { seed: 4, calls: 200 };
    const disturbed = posts({ ...options, duplicates: 0.3, garbage: 0.2 });
    expect(disturbed.filter((post) => post.expect === "event")).toEqual(posts(options));
  });

  it("repeats only bodies that were posted before and whose events have ids", () => {
    const sent = new Set<string>();
    let duplicates = 0;
    for (const post of contactCentre({ seed: 8, calls: 200, duplicates: 0.2, reorder: 0.2 })) {
      if (post.expect === "duplicate") {
        duplicates++;
        expect(post.source).toBe("ccai-external");
      }
      expect(sent.has(post.body) || post.expect !== "duplicate").toBe(true);
      sent.add(post.body);
    }
    expect(duplicates).toBeGreaterThan(10);
  });

  it("goes on without end when no number of calls is given", () => {
    const centre = contactCentre({ seed: 1, agents: 3 });
    expect(Iterator.from(centre).take(5_000).toArray()).toHaveLength(5_000);
  });

  it("never goes back in time", () => {
    const times = posts({ seed: 2, calls: 200, duplicates: 0.2, garbage: 0.1, reorder: 0.1 }).map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

describe("the gateway's own reading", () => {
  const limits = { maxEventBytes: 1 << 20, maxJsonDepth: 64, maxBodyItems: 1_000 };

  it("takes every event without a note, and no garbage", () => {
    for (const post of contactCentre({ seed: 11, calls: 600, garbage: 0.3 })) {
      const result = normaliseBody(Buffer.from(post.body), limits);
      const events = result.ok ? result.items.filter((item) => item.ok) : [];
      expect(events, `${post.what}: ${post.body}`).toHaveLength(post.events);
      expect(
        events.flatMap((item) => (item.ok ? item.event.notes : [])),
        post.body,
      ).toEqual([]);
    }
  });
});
