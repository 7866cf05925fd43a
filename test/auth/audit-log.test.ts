/** The audit log stays bounded under attack, survives rotation, and loses nothing silently. */
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { AuditLog } from "../../src/auth/audit-log.ts";
import { Unauthenticated } from "../../src/auth/authenticator.ts";
import { anonymous } from "../../src/auth/make-policy.ts";
import { Repeats } from "../../src/auth/repeats.ts";

const folder = mkdtempSync(join(tmpdir(), "callwire-audit-"));
const path = join(folder, "audit.jsonl");
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = (file: string): { action: string; times?: number; target?: string }[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { action: string });

it("tells a flood of denials in a bounded number of lines, follows a rotation, and is its user's alone", async () => {
  const audit = new AuditLog(path, false);
  const wrong = new Unauthenticated("no such API key");
  for (let attempt = 0; attempt < 500; attempt++) audit.denied("/x\n{}", "192.0.2.1", wrong);
  for (let call = 0; call < 500; call++) audit.called(anonymous, { target: "/y", address: "192.0.2.2" });
  audit.administered(anonymous, "first", {});
  await expect.poll(() => readFileSync(path, "utf8")).toContain("first");
  renameSync(path, `${path}.1`);
  audit.administered(anonymous, "second", {});
  audit.close();
  const before = linesOf(`${path}.1`);
  expect(before.filter(({ action }) => action === "denied").length).toBeLessThanOrEqual(120);
  expect(before.filter(({ action }) => action === "called").length).toBeLessThanOrEqual(2);
  const after = linesOf(path);
  const told = (action: string) => [...before, ...after].filter((line) => line.action === action);
  const more = (action: string) => told(`${action}_more`).reduce((sum, { times = 0 }) => sum + times, 0);
  expect(told("denied").length + more("denied")).toBe(500);
  expect(told("called").length + more("called")).toBe(500);
  expect(before[0]?.target).toBe("/x\n{}");
  expect(statSync(path).mode & 0o077).toBe(0);
});

it("invented kinds share one count, and every occurrence is in some count", () => {
  const rest: [object, number][] = [];
  let minute = 0;
  const repeats = new Repeats(
    1,
    (facts, times) => rest.push([facts, times]),
    () => minute * 60_000,
  );
  let told = 0;
  for (let kind = 0; kind < 5_000; kind++) if (repeats.isTold(`kind ${kind}`, () => ({ kind }))) told++;
  expect(told).toBe(2_000);
  minute = 1;
  expect(repeats.isTold("kind 1", () => ({}))).toBe(true);
  expect(rest).toEqual([[{}, 3_000]]);
});
