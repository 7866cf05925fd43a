import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { expect, test } from "vitest";
import {
  type SubscribeRequest,
  SubscribeRequestSchema,
  type SubscribeResponseSchema,
  SubscriptionService,
} from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/ts/google/rpc/error_details_pb.ts";
import { backoffMs, type FollowOptions, type FollowStep, follow } from "../../src/cli/follow.ts";

type Script = (
  request: SubscribeRequest,
  signal: AbortSignal,
) => AsyncGenerator<MessageInitShape<typeof SubscribeResponseSchema>>;

/** Follows a gateway that plays one script a stream, and returns what was seen and the requests that came. */
async function play(
  scripts: Script[],
  options: Partial<FollowOptions> = {},
  request: MessageInitShape<typeof SubscribeRequestSchema> = {},
) {
  const requests: SubscribeRequest[] = [];
  const stop = new AbortController();
  const transport = createRouterTransport(({ service }) => {
    service(SubscriptionService, {
      async *subscribe(received, context) {
        requests.push(received);
        const script = scripts[requests.length - 1];
        if (script === undefined) return stop.abort();
        yield* script(received, context.signal);
      },
    });
  });
  const steps: FollowStep[] = [];
  const all = {
    signal: stop.signal,
    progressIntervalMs: 5_000,
    waitForGateway: false,
    random: () => 0.5,
    pause: async () => {},
    ...options,
  };
  for await (const step of follow(
    createClient(SubscriptionService, transport),
    create(SubscribeRequestSchema, request),
    all,
  )) {
    steps.push(step);
  }
  return {
    steps: steps.map((step) => (step.kind === "response" ? step.response.cursor : step.kind)),
    requests,
    raw: steps,
  };
}

const cut: Script = async function* () {
  yield { cursor: "0a1b2c3d-1" };
  yield { cursor: "0a1b2c3d-2" };
  throw new ConnectError("gone", Code.Unavailable);
};

test("a cut stream is resumed after the last cursor that was handled", async () => {
  const { steps, requests } = await play([
    cut,
    async function* () {
      yield { cursor: "0a1b2c3d-3" };
    },
  ]);
  expect(steps.slice(0, 5)).toEqual(["0a1b2c3d-1", "0a1b2c3d-2", "down", "resumed", "0a1b2c3d-3"]);
  expect(requests[1]?.position).toEqual({ case: "afterCursor", value: "0a1b2c3d-2" });
});

test("a stream that falls silent is given up and resumed", async () => {
  const silent: Script = async function* (_request, signal) {
    yield { cursor: "0a1b2c3d-5" };
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  };
  const { steps, raw, requests } = await play([silent], { progressIntervalMs: 20 });
  expect(steps).toEqual(["0a1b2c3d-5", "down"]);
  expect(raw[1]).toMatchObject({ error: undefined, silentMs: 60 });
  expect(requests[1]?.position.value).toBe("0a1b2c3d-5");
});

test("a bounded stream ends when the gateway ends it", async () => {
  const whole: Script = async function* () {
    yield { cursor: "0a1b2c3d-9" };
  };
  const { steps } = await play([whole], {}, { end: { case: "endCursor", value: "0a1b2c3d-9" } });
  expect(steps).toEqual(["0a1b2c3d-9"]);
});

test("a gateway that goes away is given the time that it asks for", async () => {
  const leaving: Script = async function* () {
    yield { cursor: "0a1b2c3d-1", notice: { case: "goingAway", value: { retryAfter: durationFromMs(4_000) } } };
  };
  const { raw } = await play([leaving]);
  expect(raw[1]).toMatchObject({ kind: "down", delayMs: 4_250 });
});

test("RetryInfo is honoured", async () => {
  const busy: Script = async function* () {
    yield { cursor: "0a1b2c3d-1" };
    throw new ConnectError("busy", Code.Unavailable, undefined, [
      { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(3_000) } },
    ]);
  };
  expect((await play([busy])).raw[1]).toMatchObject({ kind: "down", delayMs: 3_250 });
});

test.each([
  [Code.FailedPrecondition, "EPOCH_MISMATCH"],
  [Code.OutOfRange, "CURSOR_EXPIRED"],
  [Code.InvalidArgument, "INVALID_FIELD"],
])("what needs a decision ends it: %s %s", async (code, reason) => {
  const refusing: Script = async function* () {
    yield { cursor: "0a1b2c3d-1" };
    throw new ConnectError("no", code, undefined, [{ desc: ErrorInfoSchema, value: { domain: "callwire", reason } }]);
  };
  await expect(play([refusing])).rejects.toMatchObject({ code });
});

test("a gateway that never answered is a failure, unless it is to be waited for", async () => {
  const absent: Script = async function* () {
    yield* [];
    throw new ConnectError("connection refused", Code.Unavailable);
  };
  await expect(play([absent])).rejects.toThrow("connection refused");
  expect((await play([absent, cut], { waitForGateway: true })).steps.slice(0, 2)).toEqual(["down", "0a1b2c3d-1"]);
});

test("pauses have full jitter and a bound", () => {
  expect(backoffMs(0, () => 0)).toBe(0);
  expect(backoffMs(3, () => 0.999)).toBeLessThan(4_000);
  expect(backoffMs(50, () => 0.999)).toBeLessThan(20_000);
});
