import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventSchema } from "../../gen/ts/callwire/v1/event_pb.ts";
import {
  type PublishEventsRequest,
  PublishEventsRequestSchema,
  type PublishItem,
} from "../../gen/ts/callwire/v1/ingest_pb.ts";
import type { EventPayload } from "../../src/events/accepted-event.ts";
import { decodeItems, type PublishedItem } from "../../src/events/decode-item.ts";
import { encodePayload } from "../../src/events/encode-event.ts";
import { anyMessage } from "../wire/any-message.ts";

const anyRequest = anyMessage(PublishEventsRequestSchema) as fc.Arbitrary<PublishEventsRequest>;

/** What a message holds, without what tells how it was made. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner) => {
      if (key === "$unknown") return undefined;
      return typeof inner === "bigint" ? `${inner}n` : inner;
    }),
  );
}

function expectSame(items: readonly PublishedItem[], expected: readonly PublishItem[]): void {
  const known = expected.map(({ event, idempotencyKey, eventTime }) => ({ event, idempotencyKey, eventTime }));
  expect(plain(items.map(({ encoded: _, ...item }) => item))).toEqual(plain(known));
}

describe("published items", () => {
  it("are decoded as by the general decoder, whatever they hold", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const bytes = toBinary(PublishEventsRequestSchema, request);
        expectSame(decodeItems(bytes), fromBinary(PublishEventsRequestSchema, bytes).items);
      }),
      { numRuns: 300 },
    );
  });

  it("have the bytes of a payload that are its encoding", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        for (const { event, encoded } of decodeItems(toBinary(PublishEventsRequestSchema, request))) {
          if (encoded === undefined || event.case === undefined || event.case === "json") continue;
          const own = encodePayload(event as EventPayload);
          expect(
            Buffer.from(own)
              .subarray(-encoded.length || own.length)
              .equals(encoded),
          ).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  /** A typed item as encoders write it has its bytes; the property above would hold without any. */
  it("have bytes when an encoder wrote them", () => {
    const request = create(PublishEventsRequestSchema, {
      items: [{ event: { case: "call", value: { callId: "c", participants: [{ participantId: "1", type: 1 }] } } }],
    });
    const [item] = decodeItems(toBinary(PublishEventsRequestSchema, request));
    expect(Buffer.from(item!.encoded!).toString("latin1")).toBe("\n\u0001cj\u0005\n\u00011\u0010\u0001");
  });

  it("are decoded as by the general decoder when fields repeat, are out of order or padded", () => {
    const anyMutation = fc.tuple(anyRequest, anyRequest, fc.boolean(), fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(anyMutation, ([one, other, joined, at, byte]) => {
        const pieces = joined ? [one, other] : [one];
        const bytes = Buffer.concat(
          pieces.map((request) => {
            const [item] = request.items;
            if (item === undefined) return toBinary(PublishEventsRequestSchema, request);
            const inner = Buffer.concat(
              request.items.map((each) =>
                toBinary(PublishEventsRequestSchema, create(PublishEventsRequestSchema, { items: [each] })).subarray(2),
              ),
            );
            // Several items' fields as those of one: members of the oneof repeat and merge.
            const head = Buffer.from([0x1a, 0, 0, 0]);
            head[1] = (inner.length & 0x7f) | 0x80;
            head[2] = ((inner.length >> 7) & 0x7f) | 0x80;
            head[3] = inner.length >> 14;
            return Buffer.concat([head, inner]);
          }),
        );
        if (bytes.length > 0 && byte % 2 === 1) bytes[at % bytes.length] = byte;
        let expected: PublishItem[];
        try {
          expected = fromBinary(PublishEventsRequestSchema, bytes).items;
        } catch {
          return;
        }
        if (JSON.stringify(plain(expected)).includes("$unknown")) return;
        expectSame(decodeItems(bytes), expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

it("an event's payload alone is its last field", () => {
  expect(EventSchema.oneofs[0]!.fields.map(({ number }) => number)).toEqual([14, 15, 16]);
});
