/**
 * The one place that enforces policy: services ask it for the tenant, the filters and the view that a request may have,
 * and pass what it gives on to live feeds and readers, which know no other way to events.
 */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Agent, AgentSchema } from "../../gen/ts/callwire/v1/call_pb.ts";
import type { Filter } from "../../gen/ts/callwire/v1/filter_pb.ts";
import type { Permission } from "../config/access.ts";
import { CallwireError } from "../errors/callwire-error.ts";
import { type CompiledFilters, compileFilters, type FilterLimits } from "../filters/compile.ts";
import { narrow } from "../filters/narrow.ts";
import { type Mask, maskOf } from "../masking/mask.ts";
import { type MaskProfile, masksAnything } from "../masking/mask-profile.ts";
import type { Policy } from "./policy.ts";

export class Access {
  readonly policy: Policy;
  readonly #mask: Mask | undefined;

  constructor(policy: Policy) {
    this.policy = policy;
    this.#mask = maskOf(policy.mask);
  }

  /** What limits whatever is read for the caller. */
  get visibility(): { gate: CompiledFilters["gate"]; mask: MaskProfile | undefined } {
    return { gate: this.policy.forced?.filters, mask: this.policy.mask };
  }

  /** Whether some events, or parts of them, are kept from the caller. */
  get isRestricted(): boolean {
    const { forced, mask } = this.policy;
    return forced !== undefined || (mask !== undefined && masksAnything(mask));
  }

  /** @throws CallwireError PERMISSION_DENIED when the caller has none of these */
  require(anyOf: readonly Permission[]): void {
    if (anyOf.length === 0 || anyOf.some((permission) => this.policy.permissions.has(permission))) return;
    throw new CallwireError("PERMISSION_DENIED", `this needs the permission ${anyOf.join(" or ")}`);
  }

  /** The tenant that a request means. @throws CallwireError TENANT_REQUIRED, UNKNOWN_TENANT or PERMISSION_DENIED */
  tenant(asked: string, configured: readonly string[]): string {
    const { tenants } = this.policy;
    if (asked !== "") {
      if (tenants !== undefined && !tenants.has(asked)) {
        // The same whether it exists or not.
        throw new CallwireError("PERMISSION_DENIED", "the credential does not allow this tenant");
      }
      if (configured.includes(asked)) return asked;
      throw new CallwireError("UNKNOWN_TENANT", `no tenant ${JSON.stringify(asked.slice(0, 64))}`);
    }
    const only = this.onlyTenant(configured);
    if (only !== "") return only;
    const description = "several tenants are configured; name one";
    throw new CallwireError("TENANT_REQUIRED", `tenant: ${description}`, {
      fieldViolations: [{ field: "tenant", description }],
    });
  }

  /** The tenant of a request that names none; empty when there is no such. */
  onlyTenant(configured: readonly string[]): string {
    const { tenants, defaultTenant } = this.policy;
    if (defaultTenant !== undefined && configured.includes(defaultTenant)) return defaultTenant;
    const allowed = tenants === undefined ? configured : configured.filter((tenant) => tenants.has(tenant));
    return allowed.length === 1 ? allowed[0]! : "";
  }

  /** A request's filters within what the caller may see. @throws CallwireError as compileFilters, and FIELD_MASKED */
  filters(named: Readonly<Record<string, Filter>>, limits: FilterLimits): CompiledFilters {
    return narrow(this.checkedFilters(named, limits), this.policy.forced);
  }

  /** A request's filters as they are. @throws CallwireError as compileFilters, and FIELD_MASKED */
  checkedFilters(named: Readonly<Record<string, Filter>>, limits: FilterLimits): CompiledFilters {
    const asked = compileFilters(named, limits);
    for (const { name, clauses } of asked.filters) {
      const hidden = clauses.find(({ field }) => this.#mask?.hides(field));
      if (hidden === undefined) continue;
      const field = `filters[${JSON.stringify(name)}].${hidden.field}`;
      throw new CallwireError("FIELD_MASKED", `${field}: the credential's mask hides what it would be compared with`, {
        fieldViolations: [{ field, description: "cannot be filtered on by this credential" }],
      });
    }
    return asked;
  }

  /** For what is looked up by the value of a field that could be masked. @throws CallwireError FIELD_MASKED */
  requireFilterable(filterField: string, field: string): void {
    if (this.#mask?.hides(filterField) !== true) return;
    throw new CallwireError("FIELD_MASKED", `${field}: the credential's mask hides what it would be compared with`, {
      fieldViolations: [{ field, description: "cannot be asked for by this credential" }],
    });
  }

  /** An agent as the caller may see it. */
  agent(agent: Agent): Agent {
    return this.#mask === undefined ? agent : fromBinary(AgentSchema, this.#mask.agent(toBinary(AgentSchema, agent)));
  }

  /** For what is made from the FULL view and shows neither events nor their source. */
  get ofAnyView(): Access {
    return this.policy.view === "full" ? this : new Access({ ...this.policy, view: "full" });
  }

  /** @throws CallwireError VIEW_NOT_ALLOWED */
  view(asked: "basic" | "full"): "basic" | "full" {
    if (asked === "full" && this.policy.view === "basic") {
      throw new CallwireError("VIEW_NOT_ALLOWED", "view: the credential allows EVENT_VIEW_BASIC only");
    }
    return asked;
  }

  /** For what can be neither filtered nor masked. @throws CallwireError PERMISSION_DENIED */
  requireUnrestricted(what: string): void {
    if (!this.isRestricted) return;
    throw new CallwireError("PERMISSION_DENIED", `${what} cannot be shown to a credential with a filter or a mask`);
  }
}
