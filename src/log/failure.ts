/** Why the journal could not be written, in a form that goes from thread to thread. */
import { CallwireError } from "../errors/callwire-error.ts";
import { storageError } from "./sqlite/storage-error.ts";

export interface Failure {
  reason: CallwireError["reason"];
  message: string;
}

export function failureOf(error: unknown): Failure {
  const { reason, message } = storageError(error);
  return { reason, message };
}

export function lostError({ reason, message }: Failure): CallwireError {
  return new CallwireError(reason, message);
}
