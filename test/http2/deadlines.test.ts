import { expect, it } from "vitest";
import { Deadlines } from "../../src/http2/deadlines.ts";

const afterMs = 20;

it("calls back once its time has passed, in the order of the beginnings", async () => {
  const deadlines = new Deadlines(afterMs);
  const late: string[] = [];
  const startedMs = performance.now();
  await new Promise<void>((resolve) => {
    deadlines.begin(() => late.push("first"));
    deadlines.begin(() => {
      late.push("second");
      resolve();
    });
  });
  expect(late).toEqual(["first", "second"]);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(afterMs);
});

it("does not call back for what was over in time, and does for what began after it", async () => {
  const deadlines = new Deadlines(afterMs);
  const late: string[] = [];
  const over = deadlines.begin(() => late.push("over in time"));
  over();
  over();
  await new Promise<void>((resolve) => {
    deadlines.begin(() => deadlines.begin(resolve));
  });
  expect(late).toEqual([]);
});
