/** Changes of log and view that are noted by one thread to be made by another, in their order. */
import type { Log } from "./log.ts";
import type { View } from "./view.ts";

type ViewChange = "apply" | "saveSession" | "saveSessionKeys" | "saveLastEvents" | "remember" | "forget" | "saveAgent";

/** A method with what it is called with. */
export type Change =
  | { of: "append"; with: Parameters<Log["append"]> }
  | { [C in ViewChange]: { of: C; with: Parameters<View[C]> } }[ViewChange];

/** Makes changes within the current group. */
export function makeChanges({ log, view }: { log: Log; view: View }, changes: readonly Change[]): void {
  const changed = view as unknown as Record<ViewChange, (...given: readonly unknown[]) => void>;
  for (const change of changes) {
    if (change.of === "append") log.append(...change.with);
    else changed[change.of](...change.with);
  }
}

/** The bytes of changes that are nobody else's, to be handed from thread to thread. */
export function changedBuffers(changes: readonly Change[]): ArrayBuffer[] {
  const buffers: Uint8Array[] = [];
  for (const change of changes) {
    if (change.of === "append") buffers.push(change.with[1].bytes);
    else if (change.of === "apply") {
      const [{ positions, keys, frames, sessions }] = change.with;
      buffers.push(positions, keys, frames, sessions);
    }
  }
  return buffers.map(({ buffer }) => buffer as ArrayBuffer);
}
