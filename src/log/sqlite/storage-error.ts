/** What SQLite's refusals mean to the gateway's callers and operator. */
import { CallwireError } from "../../errors/callwire-error.ts";

/** Primary result codes; see sqlite.org/rescode.html. */
const sqliteFull = 13;

interface SqliteError extends Error {
  errcode: number;
  errstr: string;
}

export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number";
}

/** STORAGE_FULL or STORAGE_FAILED for an error of SQLite or of the file system. */
export function storageError(error: unknown): CallwireError {
  if (error instanceof CallwireError) return error;
  const full = isSqliteError(error) ? (error.errcode & 0xff) === sqliteFull : isNoSpace(error);
  const text = isSqliteError(error) ? `${error.errstr} (SQLite ${error.errcode})` : String(error);
  return full
    ? new CallwireError("STORAGE_FULL", "the disk of the data folder is full", { cause: error })
    : new CallwireError("STORAGE_FAILED", `the data folder cannot be written: ${text}`, { cause: error });
}

function isNoSpace(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOSPC";
}
