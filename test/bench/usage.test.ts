import { expect, test } from "vitest";
import { usage } from "../../bench/usage.ts";

const names = (args: string[]): string[] => usage(args).workloads.map(({ name }) => name);

test("without a name the canonical workload runs, and `all` means all", () => {
  expect(names([])).toEqual(["end-to-end"]);
  expect(names(["webhook", "fanout"])).toEqual(["fanout", "webhook"]);
  expect(names(["all"]).length).toBeGreaterThan(10);
});

test("a run has three rounds, and one when it is short", () => {
  expect(usage([]).rounds).toBe(3);
  expect(usage(["--short"])).toMatchObject({ rounds: 1, settings: { short: true } });
  expect(usage(["--rounds", "5", "--seconds", "2", "--events", "10000", "--json", "x.json"])).toMatchObject({
    rounds: 5,
    json: "x.json",
    settings: { seconds: 2, events: 10_000 },
  });
});

test("journals are kept under the number of their events", () => {
  const { settings } = usage(["replay", "--events", "1000", "--journals", "kept"]);
  expect(settings).toMatchObject({ events: 1_000, journals: "kept" });
});

test("all measurements are taken unless some are named", () => {
  expect(usage(["sdk"]).settings.only).toBeUndefined();
  expect(usage(["sdk", "--only", "python", "--only", "go"]).settings.only).toEqual(["python", "go"]);
});
