/**
 * Decodes a request strictly: what the contract does not know is refused, at any depth, so that a mistyped filter never
 * means "everything". Libraries ignore unknown fields by default.
 */
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type MessageShape,
} from "@bufbuild/protobuf";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Reason } from "../errors/catalogue.ts";
import { findJsonProblem } from "./json-problem.ts";

export type RequestCodec = "proto" | "json";

const utf8 = new TextDecoder("utf-8", { fatal: true });

function violation(reason: Reason, field: string, description: string): CallwireError {
  return new CallwireError(reason, `${field}: ${description}`, { fieldViolations: [{ field, description }] });
}

/** A message as protobuf-es holds it: fields by local name, oneofs as `{case, value}`. */
type Plain = Record<string, unknown> & { $unknown?: { no: number }[] };

/** Checks one value; `path` is built only when something is wrong. */
type Check = (value: unknown, path: () => string) => void;

/** A field that can hide something unknown: an enum, or a message. */
interface FieldCheck {
  name: string;
  localName: string;
  oneof: string | undefined;
  check: Check;
}

const plans = new Map<DescMessage, FieldCheck[]>();

function enumCheck(type: DescEnum): Check {
  return (value, path) => {
    if (type.value[value as number] !== undefined) return;
    throw violation("UNKNOWN_ENUM_VALUE", path(), `${value} is not a value of ${type.typeName}`);
  };
}

function messageCheck(type: DescMessage): Check {
  return (value, path) => checkKnown(type, value as Plain, path);
}

function checkOf(field: DescField): Check | undefined {
  if (field.enum !== undefined) return enumCheck(field.enum);
  return field.message === undefined ? undefined : messageCheck(field.message);
}

/** Applies a check to the values of a list or map. */
function eachOf(field: DescField, check: Check): Check {
  if (field.fieldKind === "list") {
    return (list, path) => (list as unknown[]).forEach((item, index) => check(item, () => `${path()}[${index}]`));
  }
  if (field.fieldKind !== "map") return check;
  return (map, path) => {
    for (const [key, item] of Object.entries(map as object)) check(item, () => `${path()}[${JSON.stringify(key)}]`);
  };
}

/** Well-known types are free in shape and have no enums that a caller could get wrong. */
function planOf(type: DescMessage): FieldCheck[] {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const plan: FieldCheck[] = [];
  plans.set(type, plan);
  if (type.typeName.startsWith("google.protobuf.")) return plan;
  for (const field of type.fields) {
    const check = checkOf(field);
    if (check === undefined) continue;
    const { name, localName } = field;
    plan.push({ name, localName, oneof: field.oneof?.localName, check: eachOf(field, check) });
  }
  return plan;
}

/** Refuses unknown fields and enum values within a decoded message. On the path of every publish: no reflection. */
function checkKnown(type: DescMessage, message: Plain, path: () => string): void {
  const unknown = message.$unknown?.[0];
  if (unknown !== undefined) {
    const at = path();
    const description = `${type.typeName} has no field number ${unknown.no}`;
    throw violation("UNKNOWN_FIELD", at === "" ? `field ${unknown.no}` : `${at}.${unknown.no}`, description);
  }
  for (const { name, localName, oneof, check } of planOf(type)) {
    const value = oneof === undefined ? message[localName] : chosen(message[oneof], localName);
    if (value === undefined) continue;
    check(value, () => (path() === "" ? name : `${path()}.${name}`));
  }
}

function chosen(oneof: unknown, localName: string): unknown {
  const { case: name, value } = oneof as { case: string | undefined; value: unknown };
  return name === localName ? value : undefined;
}

/** Refuses what the contract does not know in a message that was decoded leniently. @throws CallwireError */
export function checkStrict<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): void {
  checkKnown(schema, message as unknown as Plain, () => "");
}

function fromStrictBinary<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  let message: MessageShape<Desc>;
  try {
    message = fromBinary(schema, bytes);
  } catch (cause) {
    throw new CallwireError("MALFORMED_REQUEST", `not a ${schema.typeName}: ${(cause as Error).message}`, { cause });
  }
  checkStrict(schema, message);
  return message;
}

function jsonError(schema: DescMessage, json: JsonValue, cause: Error): CallwireError {
  const problem = findJsonProblem(schema, json);
  if (problem !== undefined) return violation(problem.reason, problem.field, problem.description);
  return new CallwireError("MALFORMED_REQUEST", `not a ${schema.typeName}: ${cause.message}`, { cause });
}

function parseJson(schema: DescMessage, bytes: Uint8Array): JsonValue {
  try {
    return JSON.parse(utf8.decode(bytes)) as JsonValue;
  } catch (cause) {
    throw new CallwireError("MALFORMED_REQUEST", `not JSON of a ${schema.typeName}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function fromStrictJson<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  const json = parseJson(schema, bytes);
  let message: MessageShape<Desc>;
  try {
    message = fromJson(schema, json, { ignoreUnknownFields: false });
  } catch (cause) {
    throw jsonError(schema, json, cause as Error);
  }
  checkStrict(schema, message);
  return message;
}

/** @throws CallwireError MALFORMED_REQUEST, UNKNOWN_FIELD, UNKNOWN_ENUM_VALUE or INVALID_FIELD */
export function decodeStrict<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  codec: RequestCodec,
): MessageShape<Desc> {
  return codec === "proto" ? fromStrictBinary(schema, bytes) : fromStrictJson(schema, bytes);
}
