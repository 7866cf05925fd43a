import { expect, test } from "vitest";
import { formatFault, parseFault } from "../../src/testkit/fault.ts";
import { FaultPlan } from "../../src/testkit/fault-plan.ts";
import { randomCuts } from "../../src/testkit/random-cuts.ts";

test("a fault is read from its text and written as it", () => {
  expect(parseFault("reset@mid-message:3")).toEqual({ do: "reset", at: "mid-message", nth: 3 });
  expect(parseFault("delay=200ms@headers")).toEqual({ do: "delay", ms: 200, at: "headers", nth: 1 });
  for (const text of ["cut@connect:1", "half-open@bytes:5000", "stall@trailers:2", "delay=5ms@message:7"]) {
    expect(formatFault(parseFault(text))).toBe(text);
  }
});

test.each([
  "",
  "cut",
  "cut@",
  "cut@nowhere",
  "delay@headers",
  "cut=5ms@headers",
  "reset@message:0",
  "cut@message:x",
])("%j is no fault, and the error says what is", (text) => {
  expect(() => parseFault(text)).toThrow(/is no fault: it takes ACTION@MOMENT/);
});

test("a plan counts each fault from the one before it", () => {
  const plan = new FaultPlan(["reset@message:2", "cut@message:1", "stall@bytes:100"].map(parseFault));
  expect(plan.meet("message")).toBeUndefined();
  expect(plan.meet("headers")).toBeUndefined();
  expect(plan.meet("message")).toMatchObject({ do: "reset" });
  expect(plan.meet("message")).toMatchObject({ do: "cut" });
  expect(plan.bytesUntilFault(true)).toBe(100);
  expect(plan.passed(60, true)).toBeUndefined();
  expect(plan.bytesUntilFault(true)).toBe(40);
  expect(plan.passed(40, true)).toMatchObject({ do: "stall" });
  expect(plan.left).toBe(0);
  expect(plan.bytesUntilFault(true)).toBe(Number.POSITIVE_INFINITY);
});

test("a sparing fault lets a connection bring something after one that brought nothing", () => {
  const plan = new FaultPlan(Array.from({ length: 3 }, () => ({ ...parseFault("reset@bytes:100"), sparing: true })));
  expect(plan.passed(100, false)).toMatchObject({ do: "reset" });
  expect(plan.passed(500, false)).toBeUndefined();
  expect(plan.bytesUntilFault(false)).toBe(Number.POSITIVE_INFINITY);
  expect(plan.passed(1, true)).toMatchObject({ do: "reset" });
  expect(plan.passed(100, false)).toMatchObject({ do: "reset" });
});

test("random cuts are the same for the same seed, and within their bounds", () => {
  const options = { seed: 7, count: 200, minBytes: 100, maxBytes: 900 };
  const cuts = randomCuts(options);
  expect(cuts).toEqual(randomCuts(options));
  expect(cuts).not.toEqual(randomCuts({ ...options, seed: 8 }));
  expect(cuts).toHaveLength(200);
  for (const { at, nth } of cuts) {
    if (at === "connect") expect(nth).toBe(1);
    else {
      expect(nth).toBeGreaterThanOrEqual(100);
      expect(nth).toBeLessThanOrEqual(900);
    }
  }
});
