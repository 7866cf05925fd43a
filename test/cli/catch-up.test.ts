import { expect, test } from "vitest";
import { describeCatchUp } from "../../src/cli/catch-up.ts";

test("a catch-up says how many, how fast and how far behind", () => {
  expect(describeCatchUp(12_345, 3_000, 880_000n)).toBe("12,345 events, 4,115/s, 880,000 behind");
  expect(describeCatchUp(0, 0, undefined)).toBe("0 events, 0/s");
});
