/** Secrets come from the environment or from files, and no message ever holds one. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configOf, fileWith, problemsOf, withPassword } from "./given-config.ts";

const path = "tenants.0.sources.0.auth.basic.password";
const passwordOf = (yaml: string, env = {}) =>
  configOf(yaml, { env }).tenants[0]!.sources[0]!.auth!.basic!.passwords[0];

describe("a secret is read", () => {
  test("from the environment", () =>
    expect(passwordOf(withPassword("{env: P}"), { P: " hunter2 " })).toBe(" hunter2 "));
  test("from a variable that begins like the gateway's own", () =>
    expect(passwordOf(withPassword("{env: CALLWIRE_PASSWORD}"), { CALLWIRE_PASSWORD: "hunter2" })).toBe("hunter2"));
  test.each([
    ["hunter2", "hunter2"],
    ["hunter2\n", "hunter2"],
    ["hunter2\r\n", "hunter2"],
    ["hunter2\n\n", "hunter2\n"],
    [" pass word ", " pass word "],
  ])("from a file that holds %j", (text, password) => {
    expect(passwordOf(withPassword(`{file: ${fileWith(text, "secret")}}`))).toBe(password);
  });
});

describe("a secret that is not there is an error with the path of its key", () => {
  test("in the environment", () =>
    expect(problemsOf(withPassword("{env: ABSENT}"))).toEqual([`${path}: the environment has no ABSENT`]));
  test("in a file", () => {
    const absent = join(import.meta.dirname, "absent");
    expect(problemsOf(withPassword(`{file: ${absent}}`))).toEqual([
      expect.stringContaining(`${path}: ${absent} cannot be read: ENOENT`),
    ]);
    expect(problemsOf(withPassword(`{file: ${import.meta.dirname}}`))[0]).toContain("EISDIR");
  });
  test("when it is empty", () => {
    expect(problemsOf(withPassword("{env: P}"), { env: { P: "" } })).toEqual([`${path}: the secret is empty`]);
    expect(problemsOf(withPassword(`{file: ${fileWith("\n", "empty")}}`))).toEqual([`${path}: the secret is empty`]);
  });
});

describe("no message holds a secret", () => {
  test.each([
    ["a literal", withPassword("hunter2")],
    ["a literal number", withPassword("20481")],
    ["another key", withPassword("{value: hunter2}")],
    ["both places", withPassword("{env: X, file: hunter2}")],
    ["an alias", withPassword("*hunter2")],
    ["a tag", withPassword("!hunter2")],
    ["text that is not YAML", `${withPassword("hunter2")}\n]`],
    ["a password with a colon", "auth:\n  password: x: hunter2\n"],
    ["an unclosed quote", 'auth:\n  password: "hunter2\n'],
  ])("%s", (_, yaml) => {
    const told = problemsOf(yaml).join("\n");
    expect(told).not.toBe("");
    expect(told).not.toMatch(/hunter2|20481/);
  });

  test("although others are wrong beside it", () => {
    const told = problemsOf(`${withPassword("{env: P}")}\nlisten: nowhere`, {
      env: { P: "hunter2", CALLWIRE_X: "hunter2" },
    });
    expect(told).toHaveLength(2);
    expect(told.join()).not.toContain("hunter2");
  });
});

test("HTTP basic allows no colon in a user name", () => {
  const yaml = withPassword("{env: P}").replace("username: u", 'username: "u:v"');
  expect(problemsOf(yaml, { env: { P: "x" } })).toEqual([expect.stringMatching(/basic\.username: .*colon/)]);
});
