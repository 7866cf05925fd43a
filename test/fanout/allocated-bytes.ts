/** What code allocates, by V8's sampling of the heap: every object is as likely to be counted as it is large. */
import { type HeapProfiler, Session } from "node:inspector/promises";

/** Bytes between samples, on average. */
const samplingInterval = 256;

type Node = HeapProfiler.SamplingHeapProfileNode;

function ownBytes({ callFrame, selfSize, children }: Node, folder: string): number {
  const own = callFrame.url.includes(folder) ? selfSize : 0;
  return children.reduce((sum, child) => sum + ownBytes(child, folder), own);
}

/** Bytes that functions of the files under a folder allocate meanwhile, about, whether or not they are still in use. */
export async function allocatedBytes(folder: string, work: () => Promise<void>): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post("HeapProfiler.startSampling", {
      samplingInterval,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    await work();
    const { profile } = await session.post("HeapProfiler.stopSampling");
    return ownBytes(profile.head, folder);
  } finally {
    session.disconnect();
  }
}
