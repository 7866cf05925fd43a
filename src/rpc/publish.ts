/** Publishing a batch, whatever protocol it came by. What the items hold is the log's business; here their outer shape is checked. */
import type { Access } from "../auth/access.ts";
import type { OpenStreams } from "../auth/open-streams.ts";
import { heldBack, type Quotas } from "../auth/quotas.ts";
import type { Limits } from "../config/limits.ts";
import { CallwireError, invalidField } from "../errors/callwire-error.ts";
import type { GatewayLog, ItemOutcome } from "../log/gateway-log.ts";
import type { Batch } from "./publish-batch.ts";

export const publishEventsPath = "/callwire.v1.IngestService/PublishEvents";
export const publishStreamPath = "/callwire.v1.IngestService/PublishStream";

/** Batches of one stream that may be under way; then no more is read. */
export const maxBatchesUnderWay = 8;

export interface IngestDeps {
  log: GatewayLog;
  limits: Limits;
  streams: OpenStreams;
  quotas: Quotas;
  sourcesOf(tenant: string): readonly string[];
}

/** Resolves once the batch is durable. @throws CallwireError */
export async function publish(deps: IngestDeps, batch: Batch, access: Access): Promise<ItemOutcome[]> {
  const tenant = access.tenant(batch.tenant, deps.log.tenants);
  if (batch.source === "") throw invalidField("source", "required: a configured source of the tenant");
  if (!deps.sourcesOf(tenant).includes(batch.source)) {
    throw new CallwireError(
      "UNKNOWN_SOURCE",
      `tenant ${tenant} has no source ${JSON.stringify(batch.source.slice(0, 64))}`,
    );
  }
  const { maxPublishItems } = deps.limits;
  if (batch.itemCount === 0) throw invalidField("items", `1 to ${maxPublishItems} items`);
  if (batch.itemCount > maxPublishItems) {
    const message = `${batch.itemCount} items, limits.max_publish_items is ${maxPublishItems}`;
    throw new CallwireError("TOO_MANY_ITEMS", message, { fieldViolations: [{ field: "items", description: message }] });
  }
  try {
    deps.quotas.admitPublish(tenant, access.policy, batch.itemCount, () => batch.byteLength());
  } catch (error) {
    throw await heldBack(error);
  }
  const fieldViolations = batch.violations();
  if (fieldViolations.length > 0) {
    const message = fieldViolations.map(({ field, description }) => `${field}: ${description}`).join("; ");
    throw new CallwireError("INVALID_FIELD", message, { fieldViolations });
  }
  return await deps.log.submitItems(tenant, batch.source, batch.items);
}
