/** What a caller may see and do, in the form that every service asks. Made by the authenticator, never changed. */
import type { Permission, Quotas } from "../config/access.ts";
import type { CompiledFilters } from "../filters/compile.ts";
import type { MaskProfile } from "../masking/mask-profile.ts";

export interface Policy {
  /** The credential's id, for the audit log; a token's subject behind its issuer's id. */
  credential: string;
  kind: "anonymous" | "api_key" | "token" | "certificate";
  /** Undefined: every tenant. */
  tenants: ReadonlySet<string> | undefined;
  /** The tenant of a request that names none, when there are several. */
  defaultTenant: string | undefined;
  permissions: ReadonlySet<Permission>;
  /** What the caller can only narrow; undefined: it may see every event. */
  forced: CompiledFilters | undefined;
  view: "basic" | "full";
  /** Undefined: nothing is masked, nothing withheld. */
  mask: MaskProfile | undefined;
  quotas: Quotas;
  /** When the proof of identity ends. */
  expiresMs: number | undefined;
  /** Of a client certificate: by which authorities it was judged. */
  authority?: string | undefined;
  /** Equal for policies that allow the same. */
  fingerprint: string;
}
