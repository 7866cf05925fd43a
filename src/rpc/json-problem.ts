/**
 * Finds the place at which the JSON of a request cannot be decoded. The library names the type at fault; a caller needs the field,
 * from the root of the request on. Asked only once decoding has failed.
 */
import { type DescField, type DescMessage, fromJson, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import type { Reason } from "../errors/catalogue.ts";

export interface JsonProblem {
  reason: Reason;
  /** As BadRequest names fields: `filters["q"].queue_ids[1]`. */
  field: string;
  description: string;
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function invalid(field: string, description: string): JsonProblem {
  return { reason: "INVALID_FIELD", field, description };
}

/** What the library has against a value that stands alone. */
function refusalOf(schema: DescMessage, json: JsonValue): string | undefined {
  try {
    fromJson(schema, json);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^cannot decode .*? from JSON: (?:list item #\d+: )?/, "");
  }
}

function inMessage(schema: DescMessage, json: JsonValue, path: string): JsonProblem | undefined {
  if (schema.typeName.startsWith("google.protobuf.")) {
    const refusal = refusalOf(schema, json);
    return refusal === undefined ? undefined : invalid(path, refusal);
  }
  if (!isObject(json)) return path === "" ? undefined : invalid(path, "expected an object");
  const given = new Map<string, string>();
  for (const [key, value] of Object.entries(json)) {
    const member = path === "" ? key : `${path}.${key}`;
    const field = schema.fields.find(({ name, jsonName }) => key === jsonName || key === name);
    if (field === undefined) {
      return { reason: "UNKNOWN_FIELD", field: member, description: `${schema.typeName} has no field ${key}` };
    }
    if (value === null) continue;
    const at = path === "" ? field.name : `${path}.${field.name}`;
    const rival = given.get(field.oneof?.name ?? field.name);
    if (rival !== undefined) return invalid(at, rival === field.name ? "set twice" : `${rival} is set too; set one`);
    given.set(field.oneof?.name ?? field.name, field.name);
    const problem = inField(field, value, at);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function inField(field: DescField, json: JsonValue, path: string): JsonProblem | undefined {
  if (field.fieldKind === "list") {
    if (!Array.isArray(json)) return invalid(path, "expected a list");
    return firstOf(json.map((value, index) => () => inValue(field, value, [value], `${path}[${index}]`)));
  }
  if (field.fieldKind !== "map") return inValue(field, json, json, path);
  if (!isObject(json)) return invalid(path, "expected an object");
  const entries = Object.entries(json);
  return firstOf(
    entries.map(
      ([key, value]) =>
        () =>
          inValue(field, value, { [key]: value }, `${path}[${JSON.stringify(key)}]`),
    ),
  );
}

function firstOf(searches: readonly (() => JsonProblem | undefined)[]): JsonProblem | undefined {
  for (const search of searches) {
    const problem = search();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** @param alone the value as all that the field has */
function inValue(field: DescField, json: JsonValue, alone: JsonValue, path: string): JsonProblem | undefined {
  if (json === null) return invalid(path, "null is not allowed here");
  if (field.message !== undefined) return inMessage(field.message, json, path);
  const refusal = refusalOf(field.parent, { [field.jsonName]: alone });
  if (refusal === undefined) return undefined;
  if (field.enum === undefined) return invalid(path, refusal);
  const description = `${JSON.stringify(json)} is not a value of ${field.enum.typeName}`;
  return { reason: "UNKNOWN_ENUM_VALUE", field: path, description };
}

/** Undefined when what is wrong belongs to no field. */
export function findJsonProblem(schema: DescMessage, json: JsonValue): JsonProblem | undefined {
  return inMessage(schema, json, "");
}
