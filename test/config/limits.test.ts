/** Limits: how quantities are written, and the bounds within which a gateway can run. */
import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../src/config/limits.ts";
import { configOf, problemsOf } from "./given-config.ts";

const limit = (key: string, value: unknown) => JSON.stringify({ limits: { [key]: value } });

describe("sizes", () => {
  test.each<[unknown, number]>([
    [4096, 4096],
    ["1B", 1],
    ["512KiB", 512 * 1024],
    ["4MiB", 4 * 1024 ** 2],
    [" 1.5 MiB ", 1.5 * 1024 ** 2],
    ["256MiB", 256 * 1024 ** 2],
  ])("%j", (written, bytes) => expect(configOf(limit("max_body_bytes", written)).limits.maxBodyBytes).toBe(bytes));

  test.each(["4MB", "4mib", "4", "MiB", "-4MiB", "1e3B", "4MiB!", -1, 1e300])("%j is none", (written) =>
    expect(problemsOf(limit("max_body_bytes", written))).toEqual([
      `limits.max_body_bytes: ${JSON.stringify(written)} is not of the form 4096 or "10MiB"`,
    ]));
  test.each([true, null, [], {}])("%j is none either", (written) =>
    expect(problemsOf(limit("max_body_bytes", written))).toEqual([
      'limits.max_body_bytes: must be of the form 4096 or "10MiB"',
    ]));
});

describe("durations", () => {
  test.each([
    ["500ms", 500],
    ["3s", 3_000],
    ["1.5m", 90_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["0s", 0],
  ])("%s", (written, ms) => expect(configOf(limit("webhook_hold", written)).limits.webhookHoldMs).toBe(ms));

  test.each(["3", "3 seconds", "-3s", "3S", "", 3])("%j is none", (written) =>
    expect(problemsOf(limit("webhook_hold", written))).toEqual([
      `limits.webhook_hold: ${JSON.stringify(written)} is not of the form "500ms", "3s", "5m", "72h" or "30d"`,
    ]));
});

describe("bounds", () => {
  test.each([
    ["max_publish_bytes", 0, "from 1B to 256MiB"],
    ["max_body_bytes", "257MiB", "from 1B to 256MiB"],
    ["max_event_bytes", "0B", "from 1B to 1MiB"],
    ["max_event_bytes", 1024 ** 2 + 1, "so that all accepted events can be delivered"],
    ["max_pending_bytes", 0, "from 1B to 1024GiB"],
    ["max_fanout_queue_bytes", "1025GiB", "from 1B to 1024GiB"],
    ["request_timeout", "0s", "from 1ms to 24h"],
    ["request_timeout", "25d", "from 1ms to 24h"],
    ["webhook_hold", "25h", "from 0s to 24h"],
    ["shutdown_timeout", "100d", "from 0s to 24h"],
    ["duplicate_window", "999999d", "from 0s to 36500d"],
    ["max_body_items", 0, "1"],
    ["max_json_depth", 1_001, "1000"],
    ["max_filters", 0, "1"],
    ["max_filters", -1, "1"],
    ["max_page_size", 1.5, "int"],
    ["max_publish_items", "10", "number"],
    ["max_streams_per_connection", 2 ** 31, "2147483647"],
  ])("%s: %j is refused", (key, value, told) => {
    const [problem, ...others] = problemsOf(limit(key, value));
    expect(problem).toMatch(new RegExp(`^limits\\.${key}: `));
    expect(problem).toContain(told);
    expect(others).toEqual([]);
  });

  test("nothing is kept for no time at all", () =>
    expect(problemsOf("journal: {retention: {max_age: 0s}}")).toEqual([
      'journal.retention.max_age: "0s" is not from 1ms to 36500d',
    ]));

  test("the largest response is not a setting", () =>
    expect(problemsOf(limit("max_response_bytes", 1))[0]).toContain("max_response_bytes: unknown key"));
});

test("every other limit is a setting, and its default is one that it accepts", () => {
  const written: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(defaultLimits)) {
    const key = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (key.endsWith("_ms")) written[key.slice(0, -3)] = `${value}ms`;
    else if (key !== "max_response_bytes") written[key] = value;
  }
  expect(configOf(JSON.stringify({ limits: written })).limits).toEqual(defaultLimits);
});
