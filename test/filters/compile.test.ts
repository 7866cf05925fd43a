import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import type { CallwireError } from "../../src/errors/callwire-error.ts";
import { compileFilters } from "../../src/filters/compile.ts";

const limits = { maxFilters: 3, maxFilterValues: 5 };

function compile(named: Record<string, MessageInitShape<typeof FilterSchema>>) {
  const filters = Object.entries(named).map(([name, init]) => [name, create(FilterSchema, init)] as const);
  return compileFilters(Object.fromEntries(filters), limits);
}

function refusal(named: Record<string, MessageInitShape<typeof FilterSchema>>): CallwireError {
  try {
    compile(named);
  } catch (error) {
    return error as CallwireError;
  }
  return expect.unreachable();
}

describe("compileFilters", () => {
  it("takes no filters as everything", () => {
    expect(compile({}).filters).toEqual([]);
  });

  it("refuses a named filter without a condition, which would mean everything", () => {
    expect(refusal({ q: {} }).reason).toBe("EMPTY_FILTER");
  });

  it.each([
    ["an UNSPECIFIED value", { q: { directions: [0] } }, 'filters["q"].directions[0]'],
    ["an unknown enum value", { q: { callStates: [99 as never] } }, 'filters["q"].call_states[0]'],
    ["an empty text", { q: { queueNames: ["a", ""] } }, 'filters["q"].queue_names[1]'],
    ["a queue name of slashes", { q: { queueNames: ["//"] } }, 'filters["q"].queue_names[0]'],
    ["a text over 256 bytes", { q: { agentIds: ["x".repeat(257)] } }, 'filters["q"].agent_ids[0]'],
    ["an empty name", { "": { agentIds: ["1"] } }, 'filters[""]'],
  ])("refuses %s and names the field", (_, named, field) => {
    const error = refusal(named as never);
    expect(error.reason).toBe("INVALID_FIELD");
    expect(error.fieldViolations.map((violation) => violation.field)).toEqual([field]);
  });

  it("names the limits it enforces", () => {
    const many = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, { agentIds: ["1"] }]));
    expect(refusal(many).message).toContain("limits.max_filters is 3");
    expect(refusal({ q: { agentIds: ["1", "2", "3", "4", "5", "6"] } }).message).toContain(
      "limits.max_filter_values is 5",
    );
  });

  it("gives equal filters one canonical form whatever the order of names and values", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(["1", "2", "3"], { minLength: 3 }), fc.boolean(), (ids, swap) => {
        const a = { agentIds: ids };
        const b = { queueNames: ["support"] };
        const named = swap ? { b, a } : { a, b };
        expect(compile(named).canonical).toBe(compile({ a: { agentIds: ["1", "2", "3"] }, b }).canonical);
      }),
    );
  });

  it("tells apart filters that differ in a name, a field or a value", () => {
    const forms = [
      compile({ a: { agentIds: ["1"] } }),
      compile({ b: { agentIds: ["1"] } }),
      compile({ a: { agentIds: ["2"] } }),
      compile({ a: { participantIds: ["1"] } }),
      compile({ a: { agentIds: ["1", "2"] } }),
    ].map(({ canonical }) => canonical);
    expect(new Set(forms).size).toBe(forms.length);
  });
});
