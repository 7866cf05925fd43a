import { describe, expect, test } from "vitest";
import { format } from "../../bench/report.ts";
import { ratios, spread, summarise } from "../../bench/summary.ts";

describe("summarise", () => {
  test("gives the median and the ends of each figure", () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  test("leaves failed rounds and missing figures out", () => {
    expect(summarise([{ a: 1 }, undefined, { a: 3, b: 5 }])).toEqual({
      a: { median: 2, min: 1, max: 3 },
      b: { median: 5, min: 5, max: 5 },
    });
  });
});

describe("ratios", () => {
  const ours = {
    name: "gateway",
    own: true,
    rounds: [
      { rate: 20, ms: 2 },
      { rate: 40, ms: 2 },
    ],
  };

  test("compare within a round, and more than 1 is always better", () => {
    const theirs = {
      name: "peer",
      own: false,
      rounds: [
        { rate: 10, ms: 6 },
        { rate: 10, ms: 8 },
      ],
    };
    expect(ratios([ours, theirs], { rate: "more", ms: "less" })).toEqual([
      { own: "gateway", peer: "peer", figure: "rate", median: 3, min: 2, max: 4 },
      { own: "gateway", peer: "peer", figure: "ms", median: 3.5, min: 3, max: 4 },
    ]);
  });

  test("a round that one of them failed, or without meaning, gives none", () => {
    const theirs = { name: "peer", own: false, rounds: [undefined, { rate: -1 }] };
    expect(ratios([ours, theirs], { rate: "more", ms: "less" })).toEqual([]);
  });
});

test("figures have the digits that mean something", () => {
  expect([1234567, 99.94, 9.994, 0.0123].map(format)).toEqual(["1,234,567", "99.9", "9.99", "0.012"]);
});
