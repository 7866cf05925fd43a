import { expect, test } from "vitest";
import { type Replay, ReplayBudget } from "../../src/fanout/replay-budget.ts";
import type { ReadSlice } from "../../src/log/event-reader.ts";

const maxBytes = 1_000;

function slice(bytes: number): ReadSlice {
  const [ends, offsets] = [new Uint32Array(1), new Float64Array(1)];
  const run = { frames: new Uint8Array(bytes), ends, offsets, matches: undefined };
  return { runs: [run], scannedTo: 1, done: false, blocksRead: 1 };
}

class TestReplay implements Replay {
  hasLetGo = false;
  isGivenUp = false;
  readonly #leftBytes: number;

  constructor(leftBytes = 0) {
    this.#leftBytes = leftBytes;
  }

  letGo(): number {
    this.hasLetGo = true;
    return this.#leftBytes;
  }

  giveUp(): void {
    this.isGivenUp = true;
  }
}

function budget(): { budget: ReplayBudget; givenUp: () => number } {
  let givenUp = 0;
  return { budget: new ReplayBudget(maxBytes, () => givenUp++), givenUp: () => givenUp };
}

test("those that moved on longest ago let go, and no more of them than it takes", () => {
  const { budget: replays, givenUp } = budget();
  const [first, second, third, fourth] = [new TestReplay(), new TestReplay(50), new TestReplay(), new TestReplay()];
  replays.hold(first, slice(400));
  replays.hold(second, slice(400));
  replays.hold(third, slice(200));
  replays.movedOn(first);
  replays.hold(fourth, slice(300));
  expect([first, second, third, fourth].map(({ hasLetGo }) => hasLetGo)).toEqual([false, true, false, false]);
  expect(replays.bytes).toBe(400 + 50 + 200 + 300);
  expect(givenUp()).toBe(0);
});

test("a slice counts once, as long as anybody has it", () => {
  const { budget: replays } = budget();
  const shared = slice(600);
  const sharing = [new TestReplay(), new TestReplay(), new TestReplay()];
  for (const replay of sharing) replays.hold(replay, shared);
  expect(replays.bytes).toBe(600);
  // Its bytes may be given back before it is known to the budget.
  shared.runs[0]!.frames = new Uint8Array(0);
  for (const replay of sharing) {
    expect(replays.bytes).toBe(600);
    replays.release(replay);
  }
  expect(replays.bytes).toBe(0);
});

test("the only replay has its slice, however large", () => {
  const { budget: replays } = budget();
  const only = new TestReplay();
  replays.hold(only, slice(5 * maxBytes));
  expect(only.hasLetGo).toBe(false);
});

test("what is read ahead is counted, and is not read when there is no room for it", () => {
  const { budget: replays } = budget();
  const [one, other] = [new TestReplay(), new TestReplay()];
  expect(replays.mayReadAhead(one, 1)).toBe(false);
  replays.hold(one, slice(100));
  expect(replays.mayReadAhead(one, 700)).toBe(true);
  replays.hold(other, slice(100));
  expect(replays.mayReadAhead(other, 101)).toBe(false);
  expect(replays.bytes).toBe(900);
  replays.hold(one, slice(700));
  expect(replays.bytes).toBe(800);
});

test("those that have not read for longest are given up once what they are left with comes to half of it", () => {
  const { budget: replays, givenUp } = budget();
  const stalled = Array.from({ length: 6 }, () => new TestReplay(100));
  for (const replay of stalled) {
    replays.hold(replay, slice(100));
    replays.shrink(replay);
  }
  expect(stalled.map(({ isGivenUp }) => isGivenUp)).toEqual([true, false, false, false, false, false]);
  expect(replays.bytes).toBe(maxBytes / 2);
  expect(givenUp()).toBe(1);
});

test("the more responses are not taken, the smaller are those to come", () => {
  const mebibyte = 1024 * 1024;
  const replays = new ReplayBudget(128 * mebibyte, () => expect.fail("given up"));
  const sizes: number[] = [];
  for (let index = 0; index < 1_000; index++) {
    sizes.push(replays.responseBytes);
    const replay = new TestReplay(replays.responseBytes);
    replays.hold(replay, slice(1_000));
    replays.shrink(replay);
  }
  expect(sizes[0]).toBe(mebibyte / 4);
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(sizes.at(-1)).toBe(8 * 1024);
  expect(replays.bytes).toBeLessThanOrEqual(64 * mebibyte);
});

test("one that was made to let go and moves again is like any other", () => {
  const { budget: replays } = budget();
  const replay = new TestReplay(100);
  replays.hold(replay, slice(100));
  replays.shrink(replay);
  replays.hold(replay, slice(300));
  expect(replays.bytes).toBe(300);
  replays.release(replay);
  expect(replays.bytes).toBe(0);
});
