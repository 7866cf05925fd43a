/**
 * Custom data of any shape as google.protobuf.Value, within what every reader can decode.
 *
 * Protobuf readers refuse messages nested more than 100 deep, and one level of an object costs three; so what lies
 * deeper than `maxLevels` is carried as its JSON text. Values take up to six times the bytes of their JSON, so data of
 * more than `maxNodes` values is carried as text as a whole. The exact text is in the event's raw JSON either way.
 */
import type { Value } from "@bufbuild/protobuf/wkt";

const maxLevels = 24;
const maxNodes = 50_000;

type Kind = Value["kind"];

function ofKind(kind: Kind): Value {
  return { $typeName: "google.protobuf.Value", kind };
}

function textValue(text: string): Value {
  return ofKind({ case: "stringValue", value: text.toWellFormed() });
}

function build(json: unknown, levels: number, budget: { nodes: number }): Value {
  budget.nodes -= 1;
  if (json === null || json === undefined || budget.nodes < 0) return ofKind({ case: "nullValue", value: 0 });
  if (typeof json === "string") return textValue(json);
  if (typeof json === "boolean") return ofKind({ case: "boolValue", value: json });
  if (typeof json === "number") {
    return Number.isFinite(json) ? ofKind({ case: "numberValue", value: json }) : textValue(String(json));
  }
  if (levels === 0) return textValue(JSON.stringify(json));
  if (Array.isArray(json)) {
    const values = json.map((element) => build(element, levels - 1, budget));
    return ofKind({ case: "listValue", value: { $typeName: "google.protobuf.ListValue", values } });
  }
  const entries = Object.entries(json).map(
    ([key, value]) => [key.toWellFormed(), build(value, levels - 1, budget)] as const,
  );
  const value = { $typeName: "google.protobuf.Struct", fields: Object.fromEntries(entries) } as const;
  return ofKind({ case: "structValue", value });
}

export function customData(json: unknown): Value {
  const budget = { nodes: maxNodes };
  const value = build(json, maxLevels, budget);
  return budget.nodes < 0 ? textValue(JSON.stringify(json)) : value;
}

/** The JSON that a Value stands for. NaN and infinities, which JSON lacks, stay numbers; an unset kind is null. */
export function customDataJson({ kind }: Value): unknown {
  switch (kind.case) {
    case "structValue":
      return Object.fromEntries(Object.entries(kind.value.fields).map(([key, value]) => [key, customDataJson(value)]));
    case "listValue":
      return kind.value.values.map(customDataJson);
    case "nullValue":
    case undefined:
      return null;
    default:
      return kind.value;
  }
}
