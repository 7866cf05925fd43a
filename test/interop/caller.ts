/** Clients that call a gateway with a credential. */
import { type Client, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { AdminService } from "../../gen/ts/callwire/v1/admin_pb.ts";
import { CallService } from "../../gen/ts/callwire/v1/call_pb.ts";
import { IngestService } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { ErrorInfoSchema } from "../../gen/ts/google/rpc/error_details_pb.ts";

export interface Caller {
  subscriptions: Client<typeof SubscriptionService>;
  ingest: Client<typeof IngestService>;
  calls: Client<typeof CallService>;
  admin: Client<typeof AdminService>;
  close(): void;
}

export function callerWith(url: string, headers: Record<string, string>, nodeOptions?: object): Caller {
  const session = new Http2SessionManager(url, undefined, nodeOptions);
  const withHeaders: Interceptor = (next) => (request) => {
    for (const [name, value] of Object.entries(headers)) request.header.set(name, value);
    return next(request);
  };
  const transport = createGrpcTransport({ baseUrl: url, sessionManager: session, interceptors: [withHeaders] });
  return {
    subscriptions: createClient(SubscriptionService, transport),
    ingest: createClient(IngestService, transport),
    calls: createClient(CallService, transport),
    admin: createClient(AdminService, transport),
    close: () => session.abort(),
  };
}

export const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

/** The reason with which a promise, or a stream, fails. */
export async function reasonOf(outcome: Promise<unknown> | AsyncIterable<unknown>): Promise<string> {
  try {
    if (Symbol.asyncIterator in outcome) for await (const _ of outcome);
    else await outcome;
  } catch (error) {
    const { code, rawMessage } = ConnectError.from(error);
    const [info] = ConnectError.from(error).findDetails(ErrorInfoSchema);
    return info?.reason ?? `${code} ${rawMessage}`;
  }
  return "OK";
}

/** A subscription to everything, once it is in force: the reason with which it will end. */
export async function subscribed({ subscriptions }: Caller): Promise<{ end: Promise<string> }> {
  const begun = Promise.withResolvers<void>();
  const end = reasonOf(subscriptions.subscribe({}, { onHeader: () => begun.resolve() }));
  await begun.promise;
  return { end };
}
