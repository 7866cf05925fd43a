/** AdminService's methods for API keys. Nobody gives more than he has. */
import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type AdminService,
  type ApiKey,
  ApiKeySchema,
  type Quotas as QuotasMessage,
} from "../../gen/ts/callwire/v1/admin_pb.ts";
import { FilterSchema } from "../../gen/ts/callwire/v1/filter_pb.ts";
import { EventView } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { Access } from "../auth/access.ts";
import type { ApiKeys, KeyRequest } from "../auth/api-keys.ts";
import type { AuditLog } from "../auth/audit-log.ts";
import type { StoredKey } from "../auth/control-store.ts";
import { noQuotas, type Permission, type Quotas } from "../config/access.ts";
import { CallwireError, invalidField } from "../errors/callwire-error.ts";
import { timestampMs } from "../fanout/position.ts";
import { timestampFromMs } from "../log/block-builder.ts";
import type { GatewayLog } from "../log/gateway-log.ts";
import { accessOf } from "./caller.ts";

export interface ApiKeyDeps {
  log: Pick<GatewayLog, "tenants">;
  keys: ApiKeys;
  audit: AuditLog;
}

const maxQuota = 2 ** 40;

type Methods = Pick<ServiceImpl<typeof AdminService>, "createApiKey" | "listApiKeys" | "revokeApiKey">;

function quotasMessage(quotas: StoredKey["quotas"]) {
  const { maxStreams = 0, publishEventsPerSecond = 0, publishBytesPerSecond = 0, replayBytesPerSecond = 0 } = quotas;
  return {
    maxStreams,
    publishEventsPerSecond,
    publishBytesPerSecond: BigInt(publishBytesPerSecond),
    replayBytesPerSecond: BigInt(replayBytesPerSecond),
  };
}

/** @throws CallwireError INVALID_FIELD */
function quotasOf(given: QuotasMessage | undefined): Quotas {
  if (given === undefined) return noQuotas;
  const bound = (field: string, value: number | bigint): number | undefined => {
    const number = Number(value);
    if (!(number >= 0 && number <= maxQuota)) throw invalidField(`key.quotas.${field}`, `not from 0 to ${maxQuota}`);
    return number === 0 ? undefined : number;
  };
  return {
    ...noQuotas,
    maxStreams: bound("max_streams", given.maxStreams),
    publishEventsPerSecond: bound("publish_events_per_second", given.publishEventsPerSecond),
    publishBytesPerSecond: bound("publish_bytes_per_second", given.publishBytesPerSecond),
    replayBytesPerSecond: bound("replay_bytes_per_second", given.replayBytesPerSecond),
  };
}

function message(stored: StoredKey): ApiKey {
  const { id, name, tenants, permissions, view, mask = "", privileged, quotas } = stored;
  const time = (ms: number | undefined) => (ms === undefined ? undefined : timestampFromMs(ms));
  const times = {
    createTime: time(stored.createdMs),
    expireTime: time(stored.expiresMs),
    lastUsedTime: time(stored.lastUsedMs),
    revokeTime: time(stored.revokedMs),
  };
  return create(ApiKeySchema, {
    id,
    name,
    tenants,
    permissions,
    filters: stored.filters.map((filter) => fromJson(FilterSchema, filter as JsonValue)),
    view: view === "basic" ? EventView.BASIC : EventView.FULL,
    mask,
    privileged,
    ...(Object.keys(quotas).length === 0 ? {} : { quotas: quotasMessage(quotas) }),
    ...Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined)),
  });
}

/** What a request asks for. @throws CallwireError INVALID_FIELD */
function requestOf(key: ApiKey | undefined, access: Access, deps: ApiKeyDeps): KeyRequest {
  if (key === undefined) throw invalidField("key", "required");
  if (key.id !== "" || key.createTime !== undefined || key.lastUsedTime !== undefined || key.revokeTime !== undefined) {
    throw invalidField("key", "id, create_time, last_used_time and revoke_time are the gateway's to set");
  }
  const tenants = key.tenants.length === 0 ? [access.tenant("", deps.log.tenants)] : key.tenants;
  return {
    name: key.name,
    tenants: tenants.map((tenant) => access.tenant(tenant, deps.log.tenants)),
    permissions: key.permissions,
    filters: key.filters,
    view: key.view === EventView.BASIC ? "basic" : "full",
    mask: key.mask,
    privileged: key.privileged,
    quotas: quotasOf(key.quotas),
    expiresMs: key.expireTime === undefined ? undefined : timestampMs(key.expireTime, "key.expire_time"),
  };
}

/** A key allows no more than the credential that makes it. */
function requireOwn({ permissions, view, privileged }: KeyRequest, access: Access): void {
  const { policy } = access;
  const foreign = permissions.find((permission) => !policy.permissions.has(permission as Permission));
  const isHigher =
    (view === "full" && policy.view === "basic") ||
    (privileged && policy.mask !== undefined && !policy.mask.privileged);
  if (foreign === undefined && !isHigher) return;
  const what = foreign === undefined ? "a higher view or privilege" : `the permission ${JSON.stringify(foreign)}`;
  throw new CallwireError("PERMISSION_DENIED", `a key cannot have ${what} than the credential that makes it`);
}

/**
 * The first key closes the gateway to callers without one, and nobody could make another or revoke it without `admin`.
 *
 * @throws CallwireError INVALID_FIELD
 */
function requireWayBack({ permissions }: KeyRequest, { policy }: Access): void {
  if (policy.kind !== "anonymous" || permissions.includes("admin")) return;
  throw invalidField(
    "key.permissions",
    "the first key closes the gateway to callers without one: give it admin, and make the others with it",
  );
}

/** Keys are managed by those who may see everything of all the key's tenants. */
function isManagedBy({ tenants }: StoredKey, { policy }: Access): boolean {
  return policy.tenants === undefined || tenants.every((tenant) => policy.tenants!.has(tenant));
}

export function apiKeyMethods(deps: ApiKeyDeps): Methods {
  const { keys, audit } = deps;
  return {
    createApiKey: ({ key: asked }, context) => {
      const access = accessOf(context);
      access.requireUnrestricted("API keys");
      const request = requestOf(asked, access, deps);
      requireOwn(request, access);
      requireWayBack(request, access);
      const { stored, key } = keys.create(request, Date.now());
      const { id, name, tenants, permissions, mask } = stored;
      audit.administered(access.policy, "create_api_key", { id, name, tenants, permissions, mask });
      return { key: message(stored), secret: key };
    },
    listApiKeys: (_, context) => {
      const access = accessOf(context);
      access.requireUnrestricted("API keys");
      return {
        keys: keys
          .list()
          .filter((stored) => isManagedBy(stored, access))
          .map(message),
      };
    },
    revokeApiKey: ({ id }, context) => {
      const access = accessOf(context);
      access.requireUnrestricted("API keys");
      const known = keys.list().find((stored) => stored.id === id);
      // A key of another tenant is as unknown as one that never was.
      const revoked = keys.revoke(known !== undefined && isManagedBy(known, access) ? id : "", Date.now());
      audit.administered(access.policy, "revoke_api_key", { id });
      return { key: message(revoked) };
    },
  };
}
