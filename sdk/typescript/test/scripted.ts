/** A gateway that says what the test wants, for what a healthy one never says on demand. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../gen/ts/google/rpc/error_details_pb.ts";
import { startScriptedGateway } from "../../../test/cli/scripted-gateway.ts";
import { Client, type ClientOptions, type SubscribeRequest, SubscriptionService } from "../src/index.ts";
import type { SubscribeResponseSchema } from "../src/web.ts";

export type ResponseInit = MessageInitShape<typeof SubscribeResponseSchema>;

/** What one stream says. */
export type Stream = (request: SubscribeRequest, context: HandlerContext) => AsyncGenerator<ResponseInit>;

export const epoch = "aaaaaaaa";
export const digest = "1111111111111111";

export const cursor = (offset: number): string => `${epoch}-${offset}`;

/** A response with events of these offsets. */
export function events(...offsets: number[]): ResponseInit {
  return {
    events: offsets.map((offset) => ({ offset: BigInt(offset), eventId: cursor(offset) })),
    cursor: cursor(offsets.at(-1)!),
  };
}

/** The first response of a stream. */
export const first = (offset: number): ResponseInit => ({ cursor: cursor(offset), filterDigest: digest });

export interface ErrorInit {
  reason?: string;
  metadata?: Record<string, string>;
  retryAfterMs?: number;
}

export function failure(code: Code, { reason, metadata = {}, retryAfterMs }: ErrorInit = {}): ConnectError {
  const info = { desc: ErrorInfoSchema, value: { domain: "callwire", reason: reason ?? "", metadata } };
  const retry = { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(retryAfterMs ?? 0) } };
  return new ConnectError("said by the script", code, undefined, [
    ...(reason === undefined ? [] : [info]),
    ...(retryAfterMs === undefined ? [] : [retry]),
  ]);
}

export const cut = (): ConnectError => failure(Code.Unavailable);

/** Says nothing more until the client leaves. */
export function silence({ signal }: HandlerContext): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A stream that says this, then nothing. */
export function saying(...responses: ResponseInit[]): Stream {
  return async function* (_, context) {
    yield* responses;
    await silence(context);
  };
}

/** A stream that says this and then fails. */
export function failing(error: ConnectError, ...responses: ResponseInit[]): Stream {
  return async function* () {
    yield* responses;
    throw error;
  };
}

/** A stream that says this and is then cut. */
export const sayingThenCut = (...responses: ResponseInit[]): Stream => failing(cut(), ...responses);

export interface Scripted {
  client: Client;
  url: string;
  /** The requests that came, in their order. */
  requests: SubscribeRequest[];
  /** The `authorization` of each. */
  authorizations: (string | null)[];
}

/** The n-th stream is answered by the n-th of `streams`, further ones by the last. */
export async function scripted(streams: Stream[], options: Partial<ClientOptions> = {}): Promise<Scripted> {
  const requests: SubscribeRequest[] = [];
  const authorizations: (string | null)[] = [];
  const gateway = await startScriptedGateway((router) =>
    router.service(SubscriptionService, {
      subscribe(request, context) {
        const stream = streams[Math.min(requests.length, streams.length - 1)]!;
        requests.push(request);
        authorizations.push(context.requestHeader.get("authorization"));
        return stream(request, context);
      },
    }),
  );
  const client = new Client({ url: gateway.url, retry: { initialMs: 1, maxMs: 5 }, ...options });
  onTestFinished(async () => {
    await client.close();
    await gateway.close();
  });
  return { client, url: gateway.url, requests, authorizations };
}
