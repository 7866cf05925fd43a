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
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { CallwireError } from "../errors/callwire-error.ts";
import type { Reason } from "../errors/catalogue.ts";

export type RequestCodec = "proto" | "json";

const utf8 = new TextDecoder("utf-8", { fatal: true });

function violation(reason: Reason, field: string, description: string): CallwireError {
  return new CallwireError(reason, `${field}: ${description}`, { fieldViolations: [{ field, description }] });
}

function checkEnum(path: string, type: DescEnum, value: number): void {
  if (type.value[value] === undefined) {
    throw violation("UNKNOWN_ENUM_VALUE", path, `${value} is not a value of ${type.typeName}`);
  }
}

function checkField(message: ReflectMessage, field: DescField, path: string): void {
  switch (field.fieldKind) {
    case "enum":
      return checkEnum(path, field.enum, message.get(field));
    case "message":
      return checkKnown(message.get(field), path);
    case "list": {
      if (field.listKind === "scalar") return;
      let index = 0;
      for (const item of message.get(field)) {
        const at = `${path}[${index++}]`;
        if (field.listKind === "enum") checkEnum(at, field.enum, item as number);
        else checkKnown(item as ReflectMessage, at);
      }
      return;
    }
    case "map":
      if (field.mapKind === "scalar") return;
      for (const [key, item] of message.get(field)) {
        const at = `${path}[${JSON.stringify(key)}]`;
        if (field.mapKind === "enum") checkEnum(at, field.enum, item as number);
        else checkKnown(item as ReflectMessage, at);
      }
  }
}

/** Refuses unknown fields and enum values within a decoded message. */
function checkKnown(message: ReflectMessage, path: string): void {
  const unknown = message.getUnknown();
  if (unknown !== undefined && unknown.length > 0) {
    const at = path === "" ? `field ${unknown[0]!.no}` : `${path}.${unknown[0]!.no}`;
    throw violation("UNKNOWN_FIELD", at, `${message.desc.typeName} has no field number ${unknown[0]!.no}`);
  }
  // Well-known types are free in shape and have no enums that a caller could get wrong.
  if (message.desc.typeName.startsWith("google.protobuf.")) return;
  for (const field of message.fields) {
    if (field.fieldKind === "scalar" || !message.isSet(field)) continue;
    checkField(message, field, path === "" ? field.name : `${path}.${field.name}`);
  }
}

/** Refuses what the contract does not know in a message that was decoded leniently. @throws CallwireError */
export function checkStrict<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): void {
  checkKnown(reflect(schema, message), "");
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

/** What protobuf-es says of a field or value that it does not know. */
const unknownKey = /key "([^"]*)" is unknown/;
const enumValue = /cannot decode (?:field|enum) (\S+) from JSON: (?:.*)(?:enum|"[^"]*")/;

function jsonError(schema: DescMessage, cause: Error): CallwireError {
  const key = unknownKey.exec(cause.message);
  if (key !== null) return violation("UNKNOWN_FIELD", key[1]!, `${cause.message}`);
  const enumField = cause.message.includes("enum") ? (enumValue.exec(cause.message)?.[1] ?? schema.typeName) : undefined;
  if (enumField !== undefined) return violation("UNKNOWN_ENUM_VALUE", enumField, cause.message);
  return new CallwireError("MALFORMED_REQUEST", `not a ${schema.typeName}: ${cause.message}`, { cause });
}

function parseJson(schema: DescMessage, bytes: Uint8Array): JsonValue {
  try {
    return JSON.parse(utf8.decode(bytes)) as JsonValue;
  } catch (cause) {
    throw new CallwireError("MALFORMED_REQUEST", `not JSON of a ${schema.typeName}: ${(cause as Error).message}`, { cause });
  }
}

function fromStrictJson<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  const json = parseJson(schema, bytes);
  let message: MessageShape<Desc>;
  try {
    message = fromJson(schema, json, { ignoreUnknownFields: false });
  } catch (cause) {
    throw jsonError(schema, cause as Error);
  }
  checkStrict(schema, message);
  return message;
}

/** @throws CallwireError MALFORMED_REQUEST, UNKNOWN_FIELD or UNKNOWN_ENUM_VALUE */
export function decodeStrict<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  codec: RequestCodec,
): MessageShape<Desc> {
  return codec === "proto" ? fromStrictBinary(schema, bytes) : fromStrictJson(schema, bytes);
}
