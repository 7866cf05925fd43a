/** Lets requests in: who is calling, and whether that caller may call this. Every RPC and every page goes through it. */
import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { CallwireError } from "../errors/callwire-error.ts";
import { Access } from "./access.ts";
import type { AuditLog } from "./audit-log.ts";
import { type Authenticator, Unauthenticated } from "./authenticator.ts";
import { anonymous } from "./make-policy.ts";
import { type PagePath, pageRequirements, type Requirement, rpcRequirements } from "./permissions.ts";
import type { Policy } from "./policy.ts";

/** A request of either HTTP version. */
export interface IncomingRequest {
  headers: IncomingHttpHeaders;
  socket: Socket;
}

/** What is told of when it begins and when it ends. */
const streams: ReadonlySet<string> = new Set([
  "/callwire.v1.SubscriptionService/Subscribe",
  "/callwire.v1.CallService/WatchCalls",
  "/callwire.v1.IngestService/PublishStream",
]);

/** What is served to everyone is served to nobody in particular. */
const nobody: Policy = { ...anonymous, credential: "public", permissions: new Set(), tenants: new Set() };

/** The connection below a request. */
export function connectionOf({ socket }: IncomingRequest): Socket {
  return socket;
}

export class Gate {
  readonly #authenticator: Authenticator;
  readonly #audit: AuditLog;
  readonly #accesses = new WeakMap<Policy, Access>();

  constructor(authenticator: Authenticator, audit: AuditLog) {
    this.#authenticator = authenticator;
    this.#audit = audit;
  }

  /** @throws CallwireError UNAUTHENTICATED or PERMISSION_DENIED */
  admitToRpc(request: IncomingRequest, path: string): Access | Promise<Access> {
    return this.#admit(request, path, rpcRequirements[path]);
  }

  /** @throws CallwireError UNAUTHENTICATED or PERMISSION_DENIED */
  admitToPage(request: IncomingRequest, path: PagePath): Access | Promise<Access> {
    return this.#admit(request, path, pageRequirements[path]);
  }

  #admit(request: IncomingRequest, path: string, requirement: Requirement | undefined): Access | Promise<Access> {
    if (requirement === "public") return this.#accessOf(nobody);
    const address = connectionOf(request).remoteAddress ?? "";
    const denied = (error: unknown, policy?: Policy): never => {
      if (error instanceof CallwireError) this.#audit.denied(path, address, error, policy);
      throw error;
    };
    const judge = (policy: Policy): Access => {
      const access = this.#accessOf(policy);
      try {
        if (requirement === undefined) throw new CallwireError("PERMISSION_DENIED", "this is served to nobody");
        access.require(requirement);
      } catch (error) {
        denied(error, policy);
      }
      if (!streams.has(path)) this.#audit.called(policy, { target: path, address });
      return access;
    };
    try {
      const caller = { headers: request.headers, socket: connectionOf(request) };
      const policy = this.#authenticator.authenticate(caller);
      return policy instanceof Promise ? policy.then(judge, denied) : judge(policy);
    } catch (error) {
      if (error instanceof Unauthenticated) denied(error);
      throw error;
    }
  }

  #accessOf(policy: Policy): Access {
    let access = this.#accesses.get(policy);
    if (access === undefined) {
      access = new Access(policy);
      this.#accesses.set(policy, access);
    }
    return access;
  }
}
