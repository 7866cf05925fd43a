/** The messages and trailers of a script. */
import { create, type DescMethod, fromJson, type JsonValue, type Message, toBinary } from "@bufbuild/protobuf";
import { anyPack, durationFromMs } from "@bufbuild/protobuf/wkt";
import { CallState } from "../../gen/ts/callwire/v1/state_pb.ts";
import { SubscribeResponseSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { Code } from "../../gen/ts/google/rpc/code_pb.ts";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/ts/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/ts/google/rpc/status_pb.ts";
import type { Act, StatusAct } from "./case.ts";
import { numbersOf } from "./ranges.ts";

/** The epoch of every scripted server. */
export const scriptedEpoch = "0a1b2c3d";

export function envelope(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

export function messageOf(method: DescMethod, act: Extract<Act, { send: unknown } | { events: unknown }>): Message {
  if ("send" in act) return fromJson(method.output, act.send as JsonValue);
  const offsets = numbersOf(act.events);
  const events = offsets.map((offset) => ({
    offset: BigInt(offset),
    eventId: `${scriptedEpoch}-${offset}`,
    tenant: "default",
    source: "ccai",
    payload: { case: "call" as const, value: { callId: `c${offset}`, state: CallState.CONNECTED } },
    rawJson: "x".repeat(act.padding ?? 0),
  }));
  return create(SubscribeResponseSchema, { events, cursor: `${scriptedEpoch}-${offsets.at(-1)}` });
}

/** gRPC's trailers, with the details in `grpc-status-details-bin` when there are any. */
export function trailersOf({
  code,
  message,
  reason,
  domain,
  metadata,
  retry_delay_ms,
}: StatusAct): Record<string, string> {
  const number = (Code as unknown as Record<string, number>)[code];
  if (number === undefined) throw new RangeError(`gRPC has no code ${code}`);
  const details = [
    ...(reason === undefined ? [] : [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain, metadata }))]),
    ...(retry_delay_ms === undefined
      ? []
      : [anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationFromMs(retry_delay_ms) }))]),
  ];
  const plain = { "grpc-status": String(number), "grpc-message": encodeURIComponent(message) };
  if (details.length === 0) return plain;
  const status = toBinary(StatusSchema, create(StatusSchema, { code: number, message, details }));
  return { ...plain, "grpc-status-details-bin": Buffer.from(status).toString("base64").replace(/=+$/, "") };
}
