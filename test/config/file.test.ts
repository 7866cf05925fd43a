/** The file itself: unknown keys, tenants and their ids, and text that is not YAML. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigError, loadConfig } from "../../src/config/load-config.ts";
import { problemsOf } from "./given-config.ts";

describe("an unknown key is an error that names the nearest known one", () => {
  test.each([
    ["listn: x", "listn", "listen"],
    ["tenents: []", "tenents", "tenants"],
    ["limits: {max_filter: 1}", "limits.max_filter", "max_filters"],
    ["journal: {retain: 1d}", "journal.retain", "retention"],
    ["journal: {retention: {max_age: 1d, maxage: 1}}", "journal.retention.maxage", "max_age"],
    ["cors: {allowed_origin: []}", "cors.allowed_origin", "allowed_origins"],
    ["log: {levle: info}", "log.levle", "level"],
    ["tenants: [{id: a, source: [], sources: [{id: b}]}]", "tenants.0.source", "sources"],
    [
      "tenants: [{id: a, sources: [{id: b}, {id: c, on_quarantin: x}]}]",
      "tenants.0.sources.1.on_quarantin",
      "on_quarantine",
    ],
    [
      "tenants: [{id: a, sources: [{id: b, auth: {basc: 1, basic: {username: u, password: {env: P}}}}]}]",
      "tenants.0.sources.0.auth.basc",
      "basic",
    ],
    ["__proto__: {listen: x}", "__proto__", "listen"],
  ])("%s", (yaml, path, nearest) => {
    expect(problemsOf(yaml)).toEqual([`${path}: unknown key; did you mean "${nearest}"?`]);
  });

  test("all of them are told at once, with whatever else is wrong", () => {
    const problems = problemsOf("listn: x\nlimts: {}\ntenants: []\nlog: {level: 7}");
    expect(problems.map((problem) => problem.split(":")[0]!).sort()).toEqual([
      "limts",
      "listn",
      "log.level",
      "tenants",
    ]);
  });
});

describe("tenants and sources", () => {
  const tenants = (...list: object[]) => JSON.stringify({ tenants: list });
  const source = { id: "b" };

  test.each(["", "A", "-a", "_a", "a b", "a/b", "ä", "a".repeat(64), "a\n"])("%j is no id", (id) => {
    const rule = "an id has 1 to 63 of a-z, 0-9, _ and -, and begins with a letter or digit";
    expect(problemsOf(tenants({ id, sources: [source] }))).toEqual([`tenants.0.id: ${rule}`]);
    expect(problemsOf(tenants({ id: "a", sources: [source, { id }] }))).toEqual([`tenants.0.sources.1.id: ${rule}`]);
  });

  test("ids that YAML takes for numbers are refused by their path", () => {
    expect(problemsOf("tenants: [{id: 7, sources: [{id: b}]}]")[0]).toMatch(/^tenants\.0\.id: .*put it in quotes/);
  });

  test("an id that occurs twice is told once", () => {
    const again = { id: "a", sources: [source, source, source] };
    expect(problemsOf(tenants(again, { id: "c", sources: [source] }, { ...again, sources: [source] }))).toEqual([
      'tenants: "a" occurs twice',
      'tenants.0.sources: "b" occurs twice',
    ]);
  });

  test.each([
    ["no tenant", { tenants: [] }, "tenants"],
    ["no source", { tenants: [{ id: "a", sources: [] }] }, "tenants.0.sources"],
    ["sources left out", { tenants: [{ id: "a" }] }, "tenants.0.sources"],
    ["tenants as a mapping", { tenants: { id: "a" } }, "tenants"],
  ])("%s is an error", (_, json, path) => {
    expect(problemsOf(JSON.stringify(json)).map((problem) => problem.split(":")[0])).toEqual([path]);
  });
});

describe("a file that is not YAML is refused with line and column, in one line each", () => {
  test.each([
    ["listen: [", "line 1, column 10"],
    ["listen: 127.0.0.1:1\n\tlog: {}", "line 2, column 1"],
    ["log: {level: info}\nlog: {level: warn}", "line 2, column 1"],
    ["a: 1\n---\nb: 2", "line 2, column 1"],
    ["data_dir: 'x", "line 1, column 13"],
    ["data_dir: !secret x", "line 1, column 11"],
  ])("%j", (yaml, where) => {
    const problems = problemsOf(yaml);
    expect(problems[0]).toContain(where);
    for (const problem of problems) expect(problem).toMatch(/^FILE: [^\n]+ at line \d+, column \d+$/);
  });

  test.each([
    ["data_dir: *hunter2", "FILE: an alias (*NAME) has no anchor before it, or aliases expand too far"],
    ["- listen", "FILE is not a mapping of keys"],
    ["listen", "FILE is not a mapping of keys"],
    ["7", "FILE is not a mapping of keys"],
  ])("%j", (yaml, problem) => expect(problemsOf(yaml)).toEqual([problem]));

  test.each(["absent.yaml", "."])("a path that cannot be read is named: %s", (name) => {
    const path = join(import.meta.dirname, name);
    expect(() => loadConfig({ flags: { config: path }, env: {} })).toThrow(ConfigError);
    expect(() => loadConfig({ flags: { config: path }, env: {} })).toThrow(`${path} cannot be read`);
  });
});
