/**
 * Gives the memory of bytes that nobody needs any more back at once: a buffer of no length takes the place of each. Otherwise
 * V8 collects the whole heap to find them, since memory outside of it counts.
 */
export function giveBack(...pieces: readonly ArrayBufferView[]): void {
  for (const { buffer } of pieces) (buffer as ArrayBuffer).transfer(0);
}
