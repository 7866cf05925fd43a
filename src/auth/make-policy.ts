/** From what is configured, stored or claimed to the policy that is enforced. */
import { createHash } from "node:crypto";
import type { Filter } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { type Grant, type MaskConfig, noQuotas, type Quotas } from "../config/access.ts";
import { type CompiledFilters, compileFilters } from "../filters/compile.ts";
import { narrow } from "../filters/narrow.ts";
import { type MaskProfile, maskProfileProblems, unmasked } from "../masking/mask-profile.ts";
import type { Policy } from "./policy.ts";

/** Alternatives of a forced filter. */
const forcedLimits = { maxFilters: 100, maxFilterValues: 10_000 };

/** @throws CallwireError when a filter has no condition, or one that cannot be */
export function compileForced(filters: readonly Filter[] | undefined): CompiledFilters | undefined {
  if (filters === undefined || filters.length === 0) return undefined;
  const named = filters.map((filter, index) => [`forced-${index}`, filter] as const);
  return compileFilters(Object.fromEntries(named), forcedLimits);
}

/** Both must match. */
export function bothForced(
  first: CompiledFilters | undefined,
  second: CompiledFilters | undefined,
): CompiledFilters | undefined {
  return first === undefined || second === undefined ? (first ?? second) : narrow(first, second);
}

/** @throws Error saying what is wrong with the mask */
function profileOf(id: string, mask: MaskConfig | undefined, privileged: boolean): MaskProfile | undefined {
  if (mask === undefined) return privileged ? undefined : { ...unmasked };
  const { personal, sensitive, fields, hashKey } = mask;
  const key = hashKey === undefined ? undefined : new Uint8Array(Buffer.from(hashKey));
  const profile = { id, personal, sensitive, fields: { ...fields }, hashKey: key, privileged };
  const problems = maskProfileProblems(profile);
  if (problems.length > 0) throw new Error(`masks.${id}: ${problems.join("; ")}`);
  return profile;
}

interface Identity {
  credential: string;
  kind: Policy["kind"];
  expiresMs: number | undefined;
}

/** What of a grant is already in the form that is enforced. */
export interface CompiledGrant extends Omit<Grant, "filters"> {
  forced: CompiledFilters | undefined;
}

export function makePolicy(
  identity: Identity,
  grant: CompiledGrant,
  masks: Readonly<Record<string, MaskConfig>>,
): Policy {
  const { tenants, defaultTenant, permissions, forced, view, mask, privileged, quotas } = grant;
  const profile = profileOf(mask ?? "", mask === undefined ? undefined : masks[mask], privileged);
  const facts = [tenants, defaultTenant, [...permissions].sort(), forced?.canonical, view, profile, quotas];
  const text = JSON.stringify([identity.kind, identity.credential, identity.expiresMs, ...facts], (_, value) =>
    value instanceof Uint8Array ? createHash("sha256").update(value).digest("hex") : value,
  );
  return {
    ...identity,
    tenants: new Set(tenants),
    defaultTenant,
    permissions: new Set(permissions),
    forced,
    view,
    mask: profile,
    quotas,
    fingerprint: createHash("sha256").update(text).digest("base64url"),
  };
}

/** Whoever calls a gateway without credentials. */
export const anonymous: Policy = {
  credential: "anonymous",
  kind: "anonymous",
  tenants: undefined,
  defaultTenant: undefined,
  permissions: new Set(["subscribe", "publish", "observe", "admin"]),
  forced: undefined,
  view: "full",
  mask: undefined,
  quotas: noQuotas as Quotas,
  expiresMs: undefined,
  fingerprint: "anonymous",
};
