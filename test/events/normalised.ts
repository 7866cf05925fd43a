/** Shorthands of the tests of the normaliser: JSON in, the one event or rejection out. */
import type { AcceptedEvent, NormalisedItem, NormaliseLimits, Rejection } from "../../src/events/accepted-event.ts";
import { normaliseBody } from "../../src/events/normalise-body.ts";

export const limits: NormaliseLimits = { maxJsonDepth: 64, maxEventBytes: 1024 * 1024, maxBodyItems: 1_000 };

const encoder = new TextEncoder();

export function itemsOf(body: string | Uint8Array, within = limits): NormalisedItem[] {
  const normalised = normaliseBody(typeof body === "string" ? encoder.encode(body) : body, within);
  if (!normalised.ok) throw new Error(`the body was refused: ${JSON.stringify(normalised.rejection)}`);
  return normalised.items;
}

export function bodyRejection(body: string | Uint8Array, within = limits): Rejection {
  const normalised = normaliseBody(typeof body === "string" ? encoder.encode(body) : body, within);
  if (normalised.ok) throw new Error("the body was accepted");
  return normalised.rejection;
}

export function eventOf(json: unknown): AcceptedEvent {
  const [item] = itemsOf(typeof json === "string" ? json : JSON.stringify(json));
  if (!item!.ok) throw new Error(`the event was refused: ${JSON.stringify(item!.rejection)}`);
  return item!.event;
}

export function callOf(json: unknown) {
  const { payload } = eventOf(json);
  if (payload.case !== "call") throw new Error(`not a call but ${payload.case}`);
  return payload.value;
}

export function chatOf(json: unknown) {
  const { payload } = eventOf(json);
  if (payload.case !== "chat") throw new Error(`not a chat but ${payload.case}`);
  return payload.value;
}

export function agentOf(json: unknown) {
  const { payload } = eventOf(json);
  if (payload.case !== "agent") throw new Error(`not an agent but ${payload.case}`);
  return payload.value;
}

export function rejectionOf(json: unknown): Rejection {
  const [item] = itemsOf(typeof json === "string" ? json : JSON.stringify(json));
  if (item!.ok) throw new Error("the event was accepted");
  return item!.rejection;
}

/** A call event of the QM feed with these fields. */
export function qmCall(item: Record<string, unknown>) {
  return { type: "CallState", item: { CallID: "846802bf90d1", ...item } };
}
