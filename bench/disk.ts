/** The disk's own rate of durable writes, without which no figure of durable ingest means anything. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { newFolder, removeFolder } from "./contender.ts";

const writeBytes = 4_096;
const forMs = 200;

/** Appends of 4 KiB, each followed by fdatasync, a second, where the servers keep their data. */
export function fsyncsPerSecond(): number {
  const folder = newFolder();
  const file = openSync(join(folder, "probe"), "w");
  const page = Buffer.alloc(writeBytes, 1);
  const start = performance.now();
  let count = 0;
  try {
    while (performance.now() - start < forMs) {
      writeSync(file, page);
      fdatasyncSync(file);
      count++;
    }
    return count / ((performance.now() - start) / 1000);
  } finally {
    closeSync(file);
    removeFolder(folder);
  }
}
