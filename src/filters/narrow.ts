/** Filters within filters: what a caller asks for, narrowed to what it may see. */
import type { CompiledFilter, CompiledFilters } from "./compile.ts";

/**
 * Filters that match what both match. Each has the name that the caller gave. Within a filter, clauses of one attribute
 * that come from both sides must both hold.
 */
export function narrow(asked: CompiledFilters, forced: CompiledFilters | undefined): CompiledFilters {
  if (forced === undefined) return asked;
  const gate = forced.filters;
  const canonical = `${asked.canonical} within ${forced.canonical}`;
  if (asked.filters.length === 0) return { filters: gate, canonical, tellsNames: false, gate };
  const filters = asked.filters.flatMap(({ name, clauses }) =>
    gate.map((within): CompiledFilter => ({ name, clauses: [...clauses, ...within.clauses] })),
  );
  return { filters, canonical, tellsNames: asked.tellsNames, gate };
}
