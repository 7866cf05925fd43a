/**
 * Which sessions the feeds of scope CALL follow, and by which of their filters. A feed sees every block from its beginning
 * on; what older sessions matched before that is told once, by the reader.
 */

import { Trigger } from "../../gen/ts/callwire/v1/state_pb.ts";
import { attribute } from "../filters/attributes.ts";
import type { EncodedBlock } from "../log/block.ts";

const sealedKeys: ReadonlySet<string> = new Set(
  [Trigger.CALL_SEALED, Trigger.CHAT_SEALED].map((trigger) => attribute.trigger + trigger),
);

export class FollowedSessions<Follower> {
  readonly #sessions = new Map<number, Map<Follower, Set<string>>>();
  readonly #followers = new Set<Follower>();

  get isEmpty(): boolean {
    return this.#followers.size === 0;
  }

  add(follower: Follower): void {
    this.#followers.add(follower);
  }

  remove(follower: Follower): void {
    if (!this.#followers.delete(follower)) return;
    for (const [session, followers] of this.#sessions) {
      if (followers.delete(follower) && followers.size === 0) this.#sessions.delete(session);
    }
  }

  /** A follower's filters matched an event of a session. */
  follow(follower: Follower, session: number, names: Iterable<string>): void {
    if (session === 0 || !this.#followers.has(follower)) return;
    let followers = this.#sessions.get(session);
    if (followers === undefined) {
      followers = new Map();
      this.#sessions.set(session, followers);
    }
    const followed = followers.get(follower);
    if (followed === undefined) followers.set(follower, new Set(names));
    else for (const name of names) followed.add(name);
  }

  /** Who follows a session, and by which filters. */
  of(session: number): ReadonlyMap<Follower, ReadonlySet<string>> | undefined {
    return this.#sessions.get(session);
  }

  /** A sealed session has no more events. */
  forgetSealed({ keys, sessionOffsets }: EncodedBlock): void {
    if (this.isEmpty || !keys.table.some((key) => sealedKeys.has(key))) return;
    sessionOffsets.forEach((session, ordinal) => {
      for (let at = keys.starts[ordinal]!; at < keys.starts[ordinal + 1]!; at++) {
        if (sealedKeys.has(keys.table[keys.ids[at]!]!)) this.#sessions.delete(session);
      }
    });
  }
}
