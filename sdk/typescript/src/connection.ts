/** What a client needs of the way to its gateway. */
import { type CallOptions, type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { AdminService } from "../../../gen/ts/callwire/v1/admin_pb.ts";
import { CallService } from "../../../gen/ts/callwire/v1/call_pb.ts";
import { IngestService } from "../../../gen/ts/callwire/v1/ingest_pb.ts";
import { SubscriptionService } from "../../../gen/ts/callwire/v1/subscription_pb.ts";
import type { KeyRing } from "./credential.ts";

/** Largest message that is read, in bytes, where the platform can bound it. */
export const maxMessageBytes = 16 * 1024 * 1024;

export interface Connection {
  readonly transport: Transport;
  /** The connection seems dead: what is asked for next goes over a new one. */
  renew(): void;
  /** Ends every stream. */
  close(): void;
}

/** The generated clients, for what the SDK has no method for. They present the credential and do nothing else. */
export interface RawClients {
  readonly subscriptions: Client<typeof SubscriptionService>;
  readonly calls: Client<typeof CallService>;
  readonly ingest: Client<typeof IngestService>;
  readonly admin: Client<typeof AdminService>;
}

export function rawClients(transport: Transport): RawClients {
  return {
    subscriptions: createClient(SubscriptionService, transport),
    calls: createClient(CallService, transport),
    ingest: createClient(IngestService, transport),
    admin: createClient(AdminService, transport),
  };
}

/** Presents the credential, unless the caller has done so. */
export function presentCredential(keys: KeyRing): Interceptor {
  return (next) => async (request) => {
    if (!request.header.has("authorization")) {
      const authorization = await keys.authorization();
      if (authorization !== undefined) request.header.set("authorization", authorization);
    }
    return next(request);
  };
}

/** The call options with which the credential was presented. */
export function withAuthorization(authorization: string | undefined, options: CallOptions): CallOptions {
  return authorization === undefined ? options : { ...options, headers: { authorization } };
}
