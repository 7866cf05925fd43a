/** The caller of an RPC, as the router found it out, where handlers find it. */
import { createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { Access } from "../auth/access.ts";

export interface RpcCaller {
  access: Access;
  /** Of the peer, for the audit log. */
  address: string;
}

export const callerKey = createContextKey<RpcCaller | undefined>(undefined, { description: "who is calling" });

type WithValues = Pick<HandlerContext, "values">;

/** @throws Error where the router let nobody in: a defect */
function callerOf({ values }: WithValues): RpcCaller {
  const caller = values.get(callerKey);
  if (caller === undefined) throw new Error("the RPC was called without having been authorised");
  return caller;
}

export function accessOf(context: WithValues): Access {
  return callerOf(context).access;
}

export function addressOf(context: WithValues): string {
  return callerOf(context).address;
}
