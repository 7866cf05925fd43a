import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRecording } from "../../src/testkit/recording.ts";
import { compareWithJournal, describeVerdict, isKept } from "../../src/testkit/verdict.ts";

const epoch = "0a1b2c3d";
const journal = { epoch, offsets: [2n, 4n, 6n, 8n, 10n] };
const recorded = (...offsets: number[]) => parseRecording(offsets.map((offset) => `{"offset":${offset}}\n`).join(""));

describe("a recording", () => {
  test("has cursors, or offsets as numbers or texts, and whatever else the handler wrote", () => {
    const text = `{"cursor":"0a1b2c3d-2","call":"c1"}\n\n{"offset":4}\r\n{"offset":"6"}`;
    expect(parseRecording(text)).toEqual([
      { line: 1, offset: 2n, epoch },
      { line: 3, offset: 4n },
      { line: 4, offset: 6n },
    ]);
  });

  test.each([
    ["{", /^line 2 is no JSON/],
    ["{}", /^line 2 has neither/],
    ["7", /^line 2 has neither/],
    ['{"offset":1.5}', /^line 2 has neither/],
    ['{"offset":-1}', /^line 2 has neither/],
    ['{"cursor":"nonsense","offset":4}', /^line 2 has neither/],
  ])("that holds %s is refused by its line", (line, message) => {
    expect(() => parseRecording(`{"offset":2}\n${line}\n`)).toThrow(message);
  });
});

describe("the verdict", () => {
  test("of a whole recording is that everything was kept", () => {
    const verdict = compareWithJournal(journal, recorded(2, 4, 6, 8, 10));
    expect(verdict).toMatchObject({
      lost: [],
      repeated: [],
      outOfOrder: [],
      foreign: [],
      otherEpoch: [],
      delivered: 5,
    });
    expect(isKept(verdict)).toBe(true);
    expect(describeVerdict(verdict, epoch)).toEqual([]);
  });

  test("names what was lost, and whether it is the end", () => {
    const verdict = compareWithJournal(journal, recorded(2, 8));
    expect(describeVerdict(verdict, epoch)).toEqual([
      "lost: 2 events from 0a1b2c3d-4 to 0a1b2c3d-6",
      "lost: the event 0a1b2c3d-10, the end of the journal; the consumer may not have come so far",
    ]);
    expect(isKept(verdict)).toBe(false);
  });

  test("names what came again, with both lines, and may allow it", () => {
    const verdict = compareWithJournal(journal, recorded(2, 4, 4, 6, 8, 10));
    expect(describeVerdict(verdict, epoch)).toEqual(["repeated: line 3 has 0a1b2c3d-4, as line 2 had"]);
    expect(isKept(verdict)).toBe(false);
    expect(isKept(verdict, { allowRepeats: true })).toBe(true);
  });

  test("names what came too late", () => {
    const verdict = compareWithJournal(journal, recorded(2, 6, 4, 8, 10));
    expect(describeVerdict(verdict, epoch)).toEqual(["out of order: line 3 has 0a1b2c3d-4 after 0a1b2c3d-6"]);
    expect(isKept(verdict, { allowRepeats: true })).toBe(false);
  });

  test("names what the filters do not select, and cursors of another journal", () => {
    const text =
      '{"offset":2}\n{"offset":3}\n{"cursor":"deadbeef-4"}\n{"offset":4}\n{"offset":6}\n{"offset":8}\n{"offset":10}';
    expect(describeVerdict(compareWithJournal(journal, parseRecording(text)), epoch)).toEqual([
      "foreign: line 2 has 0a1b2c3d-3, which is no event that the filters select",
      "other epoch: line 3 has deadbeef-4, and the journal's epoch is 0a1b2c3d",
    ]);
  });

  test("tells many findings of one kind shortly", () => {
    const offsets = Array.from({ length: 100 }, (_, index) => BigInt(index + 1));
    const odd = recorded(...Array.from({ length: 50 }, (_, index) => 2 * index + 2));
    const sentences = describeVerdict(compareWithJournal({ epoch, offsets }, odd), epoch);
    expect(sentences).toHaveLength(11);
    expect(sentences.at(-1)).toBe("lost: 40 more like these");
  });

  test("finds whatever is taken away, doubled or added", () => {
    const change = fc.constantFrom("lose", "repeat", "swap", "add");
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 40 }), fc.nat(), change, (count, where, what) => {
        const offsets = Array.from({ length: count }, (_, index) => 2 * index + 2);
        const at = where % (count - 1);
        const seen = [...offsets];
        if (what === "lose") seen.splice(at, 1);
        if (what === "repeat") seen.splice(at + 1, 0, seen[at]!);
        if (what === "swap") [seen[at], seen[at + 1]] = [seen[at + 1]!, seen[at]!];
        if (what === "add") seen.splice(at, 0, 2 * count + 1);
        const verdict = compareWithJournal({ epoch, offsets: offsets.map(BigInt) }, recorded(...seen));
        const found = { lose: verdict.lost, repeat: verdict.repeated, swap: verdict.outOfOrder, add: verdict.foreign };
        expect(found[what]).toHaveLength(1);
        expect(describeVerdict(verdict, epoch)).toHaveLength(1);
      }),
    );
  });
});
