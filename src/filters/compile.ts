/**
 * A request's named filters, checked and in the form that matching uses: per filter a list of clauses, one a field that
 * was given, each with the keys that satisfy it. Values within a clause: OR. Clauses: AND. Filters: OR.
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { type Filter, FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { CallwireError, type FieldViolation } from "../errors/callwire-error.ts";
import { type Attribute, attribute } from "./attributes.ts";
import { bareAgentId } from "./event-keys.ts";

export interface Clause {
  /** The field's name in the contract. */
  field: string;
  attribute: Attribute;
  keys: ReadonlySet<string>;
}

export interface CompiledFilter {
  name: string;
  /** At least one. */
  clauses: readonly Clause[];
}

export interface CompiledFilters {
  /** Sorted by name. Empty: everything matches. */
  filters: readonly CompiledFilter[];
  /** Equal for requests that select the same events under the same names, whatever the order of values. */
  canonical: string;
  /** More than one was asked for: each event is told with the names of those that matched. */
  tellsNames: boolean;
  /** What the caller may see: an event that none of these matches is never delivered, whatever scope follows it. */
  gate: readonly CompiledFilter[] | undefined;
}

/** No filter: everything matches. */
export const unfiltered: CompiledFilters = { filters: [], canonical: "[]", tellsNames: false, gate: undefined };

export interface FilterLimits {
  maxFilters: number;
  maxFilterValues: number;
}

const maxTextBytes = 256;
const encoder = new TextEncoder();

/** How the values of each field become keys. */
const fields: { [F in keyof Filter as F extends `$${string}` ? never : F]-?: [Attribute, (value: string) => string] } =
  {
    queueIds: [attribute.queueId, (value) => value],
    queueNames: [
      attribute.queueName,
      (value) =>
        value
          .split("/")
          .filter((segment) => segment !== "")
          .join("/"),
    ],
    queueUuids: [attribute.queueUuid, (value) => value],
    agentIds: [attribute.agentId, bareAgentId],
    agentEmails: [attribute.agentEmail, (value) => value.toLowerCase()],
    directions: [attribute.direction, (value) => value],
    kinds: [attribute.kind, (value) => value],
    callIds: [attribute.callId, (value) => value],
    chatIds: [attribute.chatId, (value) => value],
    callStates: [attribute.callState, (value) => value],
    chatStates: [attribute.chatState, (value) => value],
    participantStates: [attribute.participantState, (value) => value],
    triggers: [attribute.trigger, (value) => value],
    languages: [attribute.language, (value) => value.toLowerCase()],
    participantIds: [attribute.participantId, (value) => value],
    mediaIds: [attribute.mediaId, (value) => value],
    sources: [attribute.source, (value) => value],
    recordingPermitted: [attribute.recordingPermitted, (value) => value],
  };

type FieldName = keyof typeof fields;

/** What is wrong with one value, or undefined. */
function valueProblem(field: DescField, value: string | number | boolean, normal: string): string | undefined {
  if (field.enum !== undefined) {
    if (value === 0) return `${field.enum.values[0]!.name} is not allowed in a filter`;
    return field.enum.values.some((known) => known.number === value)
      ? undefined
      : `${value} is not a ${field.enum.name}`;
  }
  if (typeof value !== "string") return undefined;
  if (normal === "") return "an empty text matches nothing; leave it out";
  return encoder.encode(value).length > maxTextBytes ? `longer than ${maxTextBytes} bytes` : undefined;
}

function compileField(
  path: string,
  field: DescField,
  filter: Filter,
  violations: FieldViolation[],
): { clause: Clause | undefined; values: number } {
  const name = field.localName as FieldName;
  const given = filter[name];
  const values = given === undefined ? [] : Array.isArray(given) ? given : [given];
  if (values.length === 0) return { clause: undefined, values: 0 };
  const [attr, normalise] = fields[name];
  const keys = new Set<string>();
  values.forEach((value: string | number | boolean, index) => {
    const normal = normalise(String(value));
    const problem = valueProblem(field, value, normal);
    if (problem === undefined) keys.add(attr + normal);
    else violations.push({ field: `${path}.${field.name}[${index}]`, description: problem });
  });
  return { clause: { field: field.name, attribute: attr, keys }, values: values.length };
}

function checkName(name: string, violations: FieldViolation[]): void {
  const length = encoder.encode(name).length;
  if (length === 0 || length > 128) {
    violations.push({ field: `filters[${JSON.stringify(name)}]`, description: "a filter's name has 1 to 128 bytes" });
  }
}

function canonicalForm(filters: readonly CompiledFilter[]): string {
  return JSON.stringify(
    filters.map(({ name, clauses }) => [
      name,
      clauses.map((clause) => [...clause.keys].sort()).sort((a, b) => (a[0]! < b[0]! ? -1 : 1)),
    ]),
  );
}

/**
 * @throws CallwireError INVALID_FIELD, UNKNOWN_ENUM_VALUE, EMPTY_FILTER or TOO_MANY_FILTERS
 */
export function compileFilters(named: Readonly<Record<string, Filter>>, limits: FilterLimits): CompiledFilters {
  const names = Object.keys(named).sort();
  if (names.length > limits.maxFilters) {
    throw new CallwireError("TOO_MANY_FILTERS", `${names.length} filters, limits.max_filters is ${limits.maxFilters}`);
  }
  const violations: FieldViolation[] = [];
  let valueCount = 0;
  const filters = names.map((name): CompiledFilter => {
    checkName(name, violations);
    const clauses: Clause[] = [];
    for (const field of (FilterSchema as DescMessage).fields) {
      const compiled = compileField(`filters[${JSON.stringify(name)}]`, field, named[name]!, violations);
      valueCount += compiled.values;
      if (compiled.clause !== undefined) clauses.push(compiled.clause);
    }
    if (clauses.length === 0) {
      const field = `filters[${JSON.stringify(name)}]`;
      throw new CallwireError("EMPTY_FILTER", `${field} has no condition`, {
        fieldViolations: [{ field, description: "give at least one condition" }],
      });
    }
    return { name, clauses };
  });
  if (valueCount > limits.maxFilterValues) {
    const message = `${valueCount} filter values, limits.max_filter_values is ${limits.maxFilterValues}`;
    throw new CallwireError("TOO_MANY_FILTERS", message);
  }
  if (violations.length > 0) {
    const message = violations.map(({ field, description }) => `${field}: ${description}`).join("; ");
    throw new CallwireError("INVALID_FIELD", message, { fieldViolations: violations });
  }
  return { filters, canonical: canonicalForm(filters), tellsNames: filters.length > 1, gate: undefined };
}
