/**
 * One process per data folder. The lock is an exclusive transaction on a small SQLite file, which the operating system
 * ends with the process, however it ends. Who holds it stands in a text file beside it.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DataFolderError, dataFileMode, makeFile } from "./sqlite/database.ts";

export interface FolderLock {
  release(): void;
}

function holderOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "an unknown process";
  }
}

/** Node's own recursion never ends where the system says that the folder above does not exist although it does (`/proc`). */
function makeFolders(path: string): void {
  const above = dirname(path);
  if (!existsSync(above)) makeFolders(above);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) mkdirSync(path, { mode: 0o750 });
}

function makeFolder(dataDir: string): void {
  try {
    makeFolders(resolve(dataDir));
  } catch (error) {
    throw new DataFolderError(`the data folder ${dataDir} cannot be made: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Makes the folder when it is missing. @throws DataFolderError when another process holds it or it cannot be written */
export function lockFolder(dataDir: string): FolderLock {
  makeFolder(dataDir);
  const holderFile = join(dataDir, "holder.txt");
  let lock: DatabaseSync | undefined;
  try {
    makeFile(join(dataDir, "lock.db"));
    lock = new DatabaseSync(join(dataDir, "lock.db"));
    lock.exec("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS lock (x)");
    const holder = `process ${process.pid} on ${hostname()}, since ${new Date().toISOString()}\n`;
    writeFileSync(holderFile, holder, { mode: dataFileMode });
  } catch (error) {
    lock?.close();
    const { message } = error as Error;
    if (message.includes("locked")) {
      throw new DataFolderError(`the data folder ${dataDir} is in use by ${holderOf(holderFile)}`, { cause: error });
    }
    throw new DataFolderError(`the data folder ${dataDir} cannot be written: ${message}`, { cause: error });
  }
  const held = lock;
  return { release: () => held.close() };
}
