/** A request as it reaches the sequencer, and its normalised items. */
import type { Reason } from "../errors/catalogue.ts";
import { acceptTyped } from "../events/accept-typed.ts";
import type { AcceptedEvent, NormalisedItem, NormaliseLimits } from "../events/accepted-event.ts";
import { decodeItems, type PublishedItem } from "../events/decode-item.ts";
import { normaliseBody } from "../events/normalise-body.ts";
import { normaliseJsonItem } from "../events/normalise-item.ts";

export interface IngestRequest {
  tenant: string;
  source: string;
  /** A webhook body, or the encoding of a PublishEventsRequest or PublishStreamRequest of which only the items count. */
  form: "body" | "items";
  bytes: Uint8Array;
  /** Names the delivery of a body: its items have it as their idempotency key, each with its index. */
  name?: string;
  /** Set when the input comes from the quarantine: when it first came, and the entry's id. */
  firstReceivedMs?: number;
  quarantineId?: number;
}

/** One item: an event to be sequenced, or a refusal with the bytes for the quarantine. */
export type Candidate =
  | { ok: true; index: number; event: AcceptedEvent; idempotencyKey: string }
  | { ok: false; reason: Reason; message: string; raw: Uint8Array | undefined };

type Notes = Map<string, number>;

function note(notes: Notes, names: readonly string[]): void {
  for (const name of names) notes.set(name, (notes.get(name) ?? 0) + 1);
}

function candidate(item: NormalisedItem, index: number, idempotencyKey: string, notes: Notes): Candidate {
  if (!item.ok) return { ok: false, ...item.rejection, raw: item.raw === "" ? undefined : Buffer.from(item.raw) };
  note(notes, item.event.notes);
  return { ok: true, index, event: item.event, idempotencyKey };
}

function publishItem({ event, encoded, eventTime }: PublishedItem, limits: NormaliseLimits): NormalisedItem {
  switch (event.case) {
    case "json": {
      const normalised = normaliseJsonItem(event.value, limits);
      if (!normalised.ok) return normalised;
      if (normalised.event.rawJson === event.value) normalised.event.encoded = encoded;
      normalised.event.eventTime ??= eventTime;
      return normalised;
    }
    case undefined:
      return {
        ok: false,
        raw: "",
        rejection: { reason: "EMPTY_ITEM", message: "the item has neither JSON nor an event" },
      };
    default:
      return acceptTyped(event, eventTime, limits, encoded);
  }
}

export function normaliseRequest(request: IngestRequest, limits: NormaliseLimits, notes: Notes): Candidate[] {
  if (request.form === "items") {
    // No item is larger than its request: the usual one needs no measuring of each.
    const maxEventBytes =
      request.bytes.length <= limits.maxEventBytes ? Number.POSITIVE_INFINITY : limits.maxEventBytes;
    const itemLimits = { ...limits, maxEventBytes };
    return decodeItems(request.bytes).map((item, index) =>
      candidate(publishItem(item, itemLimits), index, item.idempotencyKey, notes),
    );
  }
  const body = normaliseBody(request.bytes, limits);
  if (!body.ok) return [{ ok: false, ...body.rejection, raw: request.bytes }];
  note(notes, body.notes);
  const { name } = request;
  return body.items.map((item, index) => candidate(item, index, name === undefined ? "" : `${name} ${index}`, notes));
}
