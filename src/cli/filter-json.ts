/** Filters written as JSON on the command line. A mistyped field is refused and never means "everything". */
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type Filter, FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { didYouMean, UsageError } from "./usage.ts";

/** Reads `JSON` or `name=JSON`. Without a name the filter is called `filter`, later ones `filter-2` and so on. */
export function parseNamedFilter(text: string, index: number): { name: string; filter: Filter } {
  const named = /^\s*([^={[]+)=(.*)$/s.exec(text);
  const name = named?.[1]?.trim() ?? (index === 0 ? "filter" : `filter-${index + 1}`);
  let json: JsonValue;
  try {
    json = JSON.parse(named?.[2] ?? text) as JsonValue;
  } catch (error) {
    throw new UsageError(
      `--filter ${name}: not JSON (${(error as Error).message}). Example: '{"queueNames":["support"]}'`,
    );
  }
  refuseUnknownFields(name, json);
  try {
    const filter = fromJson(FilterSchema, json);
    if (isEmptyFilter(filter)) throw new Error("it has no condition");
    return { name, filter };
  } catch (error) {
    throw new UsageError(`--filter ${name}: ${(error as Error).message}.`);
  }
}

function refuseUnknownFields(name: string, json: JsonValue): void {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new UsageError(`--filter ${name}: a filter is a JSON object.`);
  }
  const known = FilterSchema.fields.flatMap((field) => [field.jsonName, field.name]);
  const unknown = Object.keys(json).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new UsageError(`--filter ${name}: a filter has no field "${unknown}".${didYouMean(unknown, known)}`);
  }
}

/** Whether a filter has no condition, which the gateway refuses. */
export function isEmptyFilter(filter: Filter): boolean {
  return FilterSchema.fields.every((field) => {
    const value = filter[field.localName as keyof Filter];
    return Array.isArray(value) ? value.length === 0 : value === undefined;
  });
}
