import { describe, expect, it } from "vitest";
import { Random } from "../../src/simulator/random.ts";

const draws = (random: Random) => Array.from({ length: 20 }, () => random.unit());

describe("Random", () => {
  it("gives the same draws for the same seed, and others for another", () => {
    expect(draws(new Random(1))).toEqual(draws(new Random(1)));
    expect(draws(new Random(1))).not.toEqual(draws(new Random(2)));
  });

  it("forks without touching its own draws", () => {
    const forking = new Random(1);
    const fork = forking.fork(1);
    expect(draws(fork)).not.toEqual(draws(forking.fork(2)));
    expect(draws(forking)).toEqual(draws(new Random(1)));
  });

  it("reaches both ends of a range and keeps to the weights", () => {
    const random = new Random(3);
    const dice = Array.from({ length: 6_000 }, () => random.int(1, 6));
    expect(new Set(dice)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    const often = Array.from({ length: 5_000 }, () =>
      random.weighted([
        ["a", 3],
        ["b", 1],
      ]),
    ).filter((x) => x === "a");
    expect(often.length / 5_000).toBeCloseTo(0.75, 1);
  });

  it("makes version 4 UUIDs", () => {
    const random = new Random(4);
    const ids = Array.from({ length: 1_000 }, () => random.uuid());
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(1_000);
  });
});
