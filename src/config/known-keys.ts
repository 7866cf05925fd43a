/** The keys that the schema knows at a path, for telling which one was meant. */
import { z } from "zod";
import { fileSchema } from "./schema.ts";

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

const root = z.toJSONSchema(fileSchema, { io: "input", unrepresentable: "any" }) as JsonSchema;

export function knownKeys(path: readonly PropertyKey[]): string[] {
  const at = path.reduce<JsonSchema | undefined>(
    (schema, key) => (typeof key === "number" ? schema?.items : schema?.properties?.[String(key)]),
    root,
  );
  return Object.keys(at?.properties ?? at?.anyOf?.[0]?.properties ?? root.properties ?? {});
}
