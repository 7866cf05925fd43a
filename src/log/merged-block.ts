/** Consecutive small blocks as one, in their stored forms: reading a row costs as much as reading a hundred events of one. */
export interface MergedBlock {
  tenant: string;
  /** Of its first event, and of its last. */
  first: number;
  last: number;
  lastMs: number;
  positions: Uint8Array;
  frames: Uint8Array;
  keys: Uint8Array;
  sessions: Uint8Array;
  /** How many blocks it takes the place of. */
  replaced: number;
}
