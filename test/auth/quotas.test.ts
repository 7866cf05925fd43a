/** Who is let in, who is refused, and when it is told to come again. */
import { expect, it } from "vitest";
import { anonymous } from "../../src/auth/make-policy.ts";
import type { Policy } from "../../src/auth/policy.ts";
import { Quotas } from "../../src/auth/quotas.ts";
import { type Quotas as Bounds, noQuotas } from "../../src/config/access.ts";
import { CallwireError } from "../../src/errors/callwire-error.ts";

const policyOf = (credential: string, quotas: Partial<Bounds> = {}): Policy => ({
  ...anonymous,
  credential,
  quotas: { ...noQuotas, ...quotas },
});

function quotas(ofTenant: Partial<Bounds>, clock = { ms: 0 }) {
  const tenants = [
    { id: "loud", quotas: { ...noQuotas, ...ofTenant } },
    { id: "quiet", quotas: noQuotas },
  ];
  return { clock, quotas: new Quotas(tenants, () => clock.ms) };
}

/** Milliseconds until the caller is to come again; 0 when it was let in. */
function refusal(ask: () => unknown): number {
  try {
    ask();
    return 0;
  } catch (error) {
    if (!(error instanceof CallwireError)) throw error;
    expect(error.reason).toBe("RATE_LIMITED");
    return error.retryAfterMs!;
  }
}

const batch = (of: Quotas, policy: Policy, events = 100, tenant = "loud") =>
  refusal(() => of.admitPublish(tenant, policy, events, () => events * 200));

it("a second's worth is let in at once, then as much as the rate gives", () => {
  const { quotas: of, clock } = quotas({ publishEventsPerSecond: 1_000 });
  const policy = policyOf("a");
  for (let sent = 0; sent < 10; sent++) expect(batch(of, policy)).toBe(0);
  expect(batch(of, policy)).toBe(100);
  clock.ms += 99;
  expect(batch(of, policy, 99)).toBe(0);
  clock.ms += 100;
  expect(batch(of, policy)).toBe(0);
});

it("one larger than a second's worth is let in when nothing else was, and paid for afterwards", () => {
  const { quotas: of, clock } = quotas({ publishEventsPerSecond: 1_000 });
  expect(batch(of, policyOf("a"), 3_000)).toBe(0);
  expect(batch(of, policyOf("a"), 1)).toBe(2_001);
  clock.ms += 2_001;
  expect(batch(of, policyOf("a"), 1)).toBe(0);
});

it("those who are refused together are told different times, and each is served at its own", () => {
  const { quotas: of, clock } = quotas({ publishEventsPerSecond: 1_000 });
  const policy = policyOf("a");
  expect(batch(of, policy, 1_000)).toBe(0);
  const times = Array.from({ length: 5 }, () => batch(of, policy));
  expect(times).toEqual([100, 200, 300, 400, 500]);
  for (const _ of times) {
    clock.ms += 100;
    expect(refusal(() => of.admitReading("loud", policy))).toBe(0);
    expect(batch(of, policy)).toBe(0);
  }
});

it("promises reach no further than a second, however many are refused", () => {
  const { quotas: of, clock } = quotas({ publishEventsPerSecond: 1_000 });
  const policy = policyOf("a");
  for (let asked = 0; asked < 10_000; asked++) expect(batch(of, policy)).toBeLessThanOrEqual(1_000);
  clock.ms += 1_000;
  expect(batch(of, policy, 1)).toBe(0);
});

it("what is not read yet is refused only while there is too little for who was refused last", () => {
  const { quotas: of, clock } = quotas({ publishEventsPerSecond: 1_000 });
  const policy = policyOf("a");
  const reading = () => refusal(() => of.admitReading("loud", policy));
  expect(reading()).toBe(0);
  expect(batch(of, policy, 1_000)).toBe(0);
  expect(reading()).toBe(0);
  expect(batch(of, policy)).toBe(100);
  expect(reading()).toBe(200);
  clock.ms += 100;
  expect(reading()).toBe(0);
});

it("a credential's quota and its tenant's both hold, whichever is exceeded takes from none, and other tenants know neither", () => {
  const { quotas: of, clock } = quotas({ publishEventsPerSecond: 1_000 });
  const bounded = policyOf("bounded", { publishEventsPerSecond: 100, publishBytesPerSecond: 1e6 });
  expect(batch(of, bounded)).toBe(0);
  for (let asked = 0; asked < 50; asked++) expect(batch(of, bounded)).toBeGreaterThan(0);
  expect(batch(of, policyOf("other"), 900)).toBe(0);
  expect(batch(of, policyOf("other"), 1)).toBeGreaterThan(0);
  expect(batch(of, policyOf("other"), 1e6, "quiet")).toBe(0);
  clock.ms += 60_000;
  expect(refusal(() => of.admitPublish("loud", bounded, 1, () => 2_000_000))).toBe(0);
  expect(refusal(() => of.admitPublish("loud", bounded, 1, () => 1))).toBe(1_001);
});

it("bytes read from the journal are owed afterwards, by the tenant and the credential, and hold up the next reading", () => {
  const { quotas: of, clock } = quotas({ replayBytesPerSecond: 1_000 });
  const policy = policyOf("a", { replayBytesPerSecond: 500 });
  expect(refusal(() => of.admitReplay("loud", policy))).toBe(0);
  expect(of.replayed("loud", policy, 1_500)).toBe(2_000);
  expect(refusal(() => of.admitReplay("loud", policy))).toBeGreaterThan(0);
  expect(refusal(() => of.admitReplay("quiet", policy))).toBeGreaterThan(0);
  expect(refusal(() => of.admitReplay("quiet", policyOf("b")))).toBe(0);
  clock.ms += 2_000;
  expect(refusal(() => of.admitReplay("loud", policy))).toBe(0);
});

it("streams are counted while they are open, and ending one twice frees one", () => {
  const { quotas: of } = quotas({ maxStreams: 2 });
  const end = of.openStream("loud", policyOf("a"));
  of.openStream("loud", policyOf("b"));
  expect(refusal(() => of.openStream("loud", policyOf("a")))).toBeGreaterThan(0);
  end();
  end();
  of.openStream("loud", policyOf("a"));
  expect(refusal(() => of.openStream("loud", policyOf("a")))).toBeGreaterThan(0);
});
