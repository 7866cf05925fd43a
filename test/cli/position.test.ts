import { timestampDate } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { StartPosition } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { parseFrom, parseUntil } from "../../src/cli/position.ts";
import { UsageError } from "../../src/cli/usage.ts";

const now = Date.parse("2026-01-31T12:00:00Z");

function timeOf(position: ReturnType<typeof parseFrom>): string {
  return position.case === "startTime" ? timestampDate(position.value).toISOString() : position.case;
}

test("--from takes the ends of the journal and cursors", () => {
  expect(parseFrom("earliest", now)).toEqual({ case: "start", value: StartPosition.EARLIEST });
  expect(parseFrom("latest", now)).toEqual({ case: "start", value: StartPosition.LATEST });
  expect(parseFrom("0a1b2c3d-42", now)).toEqual({ case: "afterCursor", value: "0a1b2c3d-42" });
});

test("--from takes a time, with an offset and fractions, or how long ago", () => {
  expect(timeOf(parseFrom("2026-01-31T09:30:00.250+02:00", now))).toBe("2026-01-31T07:30:00.250Z");
  expect(timeOf(parseFrom("10m", now))).toBe("2026-01-31T11:50:00.000Z");
  expect(timeOf(parseFrom("1.5h", now))).toBe("2026-01-31T10:30:00.000Z");
});

test("--until takes a cursor or a time", () => {
  expect(parseUntil("0a1b2c3d-42", now)).toEqual({ case: "endCursor", value: "0a1b2c3d-42" });
  expect(parseUntil("0s", now).case).toBe("endTime");
});

test.each([
  "",
  "now",
  "yesterday",
  "10",
  "10 m",
  "2026-01-31",
  "2026-01-31T09:00:00",
  "2026-13-31T09:00:00Z",
  "0A1B2C3D-42",
])("a position that could be misread is refused: %j", (text) => {
  expect(() => parseFrom(text, now)).toThrow(UsageError);
  expect(() => parseUntil(text, now)).toThrow(UsageError);
});
