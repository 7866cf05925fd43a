/** A block as the view stores it, but for the compression of its sessions. */
import { encodeBlockKeys } from "../filters/block-keys.ts";
import { blockFirstOffset, blockLastOffset, type EncodedBlock } from "./block.ts";
import { encodePositions } from "./sqlite/positions.ts";
import { joinSessions } from "./sqlite/session-block.ts";

export interface StoredBlock {
  tenant: string;
  /** Offset of its first event, and of its last. */
  first: number;
  last: number;
  /** When its last event was received. */
  lastMs: number;
  /** Its events. */
  count: number;
  positions: Uint8Array;
  keys: Uint8Array;
  frames: Uint8Array;
  sessions: Uint8Array;
}

/** @param memories what the fold remembers of the events' sessions; see session-memory.ts */
export function storedBlock(block: EncodedBlock, memories: Uint8Array): StoredBlock {
  return {
    tenant: block.tenant,
    first: blockFirstOffset(block),
    last: blockLastOffset(block),
    lastMs: block.receivedMs.at(-1)!,
    count: block.offsets.length,
    positions: encodePositions(block),
    keys: encodeBlockKeys(block.keys),
    frames: block.frames,
    sessions: joinSessions(block, memories),
  };
}
