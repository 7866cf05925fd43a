/** Frames in any order, right and wrong, on connections that end anywhere: nothing of it ends the gateway, or stays open in it. */
import { once } from "node:events";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { frame, frameType, numberFrame, settingsFrame } from "../../src/http2/frame.ts";
import { RawClient } from "../http2/serving.ts";
import { type RunningGateway, runningGateway } from "../interop/running-gateway.ts";
import { envelope } from "./raw-http.ts";

let running: RunningGateway;
beforeAll(async () => {
  running = await runningGateway("limits: {request_timeout: 2s}\n");
});
afterAll(() => running.dispose());

const paths = [
  "/callwire.v1.IngestService/PublishEvents",
  "/callwire.v1.IngestService/PublishStream",
  "/callwire.v1.SubscriptionService/Subscribe",
  "/callwire.v1.SubscriptionService/ListEvents",
  "/callwire.v1.CallService/WatchCalls",
  "/grpc.health.v1.Health/Watch",
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  "/webhooks/default/ccai",
  "/healthz",
  "/nothing",
];
const contentTypes = ["application/grpc+proto", "application/grpc-web", "application/connect+json", "application/json"];

const streamId = fc.constantFrom(1, 3, 5, 7);
const path = fc.constantFrom(...paths);
const headers = fc.record(
  {
    ":method": fc.constantFrom("POST", "POST", "POST", "GET"),
    "content-type": fc.constantFrom(...contentTypes),
    "grpc-encoding": fc.constant("gzip"),
    "grpc-timeout": fc.constantFrom("1m", "20m", "1S"),
    "content-length": fc.constantFrom("0", "5", "100"),
    "x-long": fc.constant("x".repeat(16_000)),
  },
  { requiredKeys: [":method"] },
);

/** HEADERS of a stream that may be there already, by a client that says what it likes. */
type Said = (raw: RawClient) => Buffer;
const request = fc.tuple(streamId, path, headers, fc.constantFrom(4, 5)).map(
  ([id, where, given, flags]): Said =>
    (raw) =>
      raw.request(id, flags, { ":path": where, ...given }),
);

const message = fc
  .tuple(fc.uint8Array({ maxLength: 200 }), fc.boolean(), fc.nat(205))
  .map(([bytes, zipped, length]) => {
    const whole = envelope(bytes, zipped);
    // Now and then it is cut short.
    return length < 20 ? whole.subarray(0, length) : whole;
  });

const others = fc.oneof(
  fc
    .tuple(streamId, message, fc.constantFrom(0, 1))
    .map(([id, bytes, flags]) => frame(frameType.data, flags, id, bytes)),
  streamId.map((id) => numberFrame(frameType.rstStream, id, 8)),
  fc
    .tuple(fc.constantFrom(0, 1, 3, 5), fc.constantFrom(0, 1, 1_000, 0x7fff_ffff))
    .map(([id, bytes]) => numberFrame(frameType.windowUpdate, id, bytes)),
  fc.constantFrom(0, 100, 65_535).map((bytes) => settingsFrame([[4, bytes]])),
  fc
    .tuple(fc.nat(11), fc.nat(255), fc.nat(3), fc.uint8Array({ maxLength: 30 }))
    .map(([type, flags, id, bytes]) => frame(type, flags, id, bytes)),
);
const said = fc.oneof(
  request,
  others.map(
    (bytes): Said =>
      () =>
        bytes,
  ),
);

it("are answered, refused or cut", async () => {
  const port = Number(new URL(running.gateway.url).port);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(said, { maxLength: 12 }), { maxLength: 4 }),
      fc.boolean(),
      async (turns, resets) => {
        const raw = await RawClient.open(port);
        const closed = once(raw.socket, "close");
        for (const turn of turns) {
          if (!raw.socket.writable) break;
          raw.send(...turn.map((say) => say(raw)));
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (resets) raw.socket.resetAndDestroy();
        else raw.socket.destroy();
        await closed;
      },
    ),
    { numRuns: 1_000 },
  );
  expect((await fetch(`${running.gateway.url}/healthz`)).status).toBe(200);
  const open = async (): Promise<string> => await (await fetch(`${running.gateway.url}/metrics`)).text();
  await expect.poll(open).toContain("callwire_subscriptions 0");
}, 60_000);
