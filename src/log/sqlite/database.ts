/**
 * Opens the two SQLite files of a data folder: `callwire.db` (log and view) and `system.db` (quarantine).
 *
 * Both are in WAL mode with `synchronous=FULL`: COMMIT returns after the WAL reached the disk (invariant 1). The schema and
 * the meaning of each column are documented in docs/on-disk.md. `application_id` tells our files from foreign ones,
 * `user_version` is the format.
 */
import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** "CWIR". */
const applicationId = 0x43574952;
export const formatVersion = 5;

/** What can be made anew of the log. */
export const foldedTables = [
  "event_block",
  "key_segment",
  "key_page",
  "session_block",
  "session",
  "session_keys",
  "session_last",
  "agent",
];

/** What a session waits for that is not sealed: 0 its end, 1 its end while it is held, 2 its seal. */
export const waitingFor = "(CASE WHEN ended IS NULL THEN held ELSE 2 END)";

export const journalSchema = `
  CREATE TABLE IF NOT EXISTS tenant (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL,
    head INTEGER NOT NULL, trimmed INTEGER NOT NULL,
    applied INTEGER NOT NULL, event_count INTEGER NOT NULL, clock_ms INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS lineage (tenant INTEGER NOT NULL, epoch TEXT NOT NULL, up_to INTEGER NOT NULL, PRIMARY KEY (tenant, epoch));
  CREATE TABLE IF NOT EXISTS fold (only INTEGER PRIMARY KEY CHECK (only = 1), version INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS log_block (tenant INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, envelopes BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS log_block_last ON log_block (tenant, last);
  CREATE TABLE IF NOT EXISTS event_block (
    tenant INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    positions BLOB NOT NULL, frames BLOB NOT NULL, keys BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS event_block_last ON event_block (tenant, last);
  CREATE INDEX IF NOT EXISTS event_block_time ON event_block (tenant, last_ms);
  CREATE TABLE IF NOT EXISTS key_segment (
    tenant INTEGER NOT NULL, after INTEGER NOT NULL, last INTEGER NOT NULL, blocks BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS key_segment_last ON key_segment (tenant, last);
  CREATE TABLE IF NOT EXISTS key_page (
    tenant INTEGER NOT NULL, last INTEGER NOT NULL, page INTEGER NOT NULL, postings BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS key_page_place ON key_page (tenant, last, page);
  CREATE TABLE IF NOT EXISTS session_block (tenant INTEGER NOT NULL, last INTEGER NOT NULL, sessions BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS session_block_last ON session_block (tenant, last);
  CREATE TABLE IF NOT EXISTS session (
    tenant INTEGER NOT NULL, first INTEGER NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL,
    silent_minute INTEGER NOT NULL, ended INTEGER, sealed INTEGER NOT NULL, held INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS session_last (
    tenant INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, first)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS session_keys (
    tenant INTEGER NOT NULL, first INTEGER NOT NULL, keys TEXT NOT NULL, PRIMARY KEY (tenant, first)) WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS session_first ON session (tenant, first);
  CREATE INDEX IF NOT EXISTS session_id ON session (tenant, kind, id, first);
  CREATE INDEX IF NOT EXISTS session_unsealed ON session (tenant, first) WHERE sealed = 0;
  CREATE INDEX IF NOT EXISTS session_waiting ON session (tenant, ${waitingFor}, silent_minute) WHERE sealed = 0;
  CREATE INDEX IF NOT EXISTS session_open ON session (tenant, first) WHERE ended IS NULL;
  CREATE INDEX IF NOT EXISTS session_ended ON session (tenant, ended);
  CREATE TABLE IF NOT EXISTS duplicate (
    tenant INTEGER NOT NULL, source TEXT NOT NULL, space TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
    event_offset INTEGER NOT NULL, received_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, source, space, key, digest)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS duplicate_received ON duplicate (received_ms);
  CREATE TABLE IF NOT EXISTS agent (
    tenant INTEGER NOT NULL, agent_id TEXT NOT NULL, email TEXT NOT NULL, state INTEGER NOT NULL,
    state_offset INTEGER NOT NULL, state_ms INTEGER NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (tenant, agent_id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS agent_email ON agent (tenant, email);
`;

export const systemSchema = `
  CREATE TABLE IF NOT EXISTS quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL,
    message TEXT NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, count INTEGER NOT NULL,
    size INTEGER NOT NULL, digest TEXT NOT NULL, content BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS quarantine_digest ON quarantine (tenant, source, digest);
  CREATE INDEX IF NOT EXISTS quarantine_order ON quarantine (tenant, id);
`;

/** The folder holds something that this version cannot use. Its message is for the operator. */
export class DataFolderError extends Error {
  override name = "DataFolderError";
}

function pragma(database: DatabaseSync, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get() as Record<string, number>;
  return Object.values(row)[0]!;
}

function create(database: DatabaseSync, schema: string): void {
  database.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA application_id=${applicationId}; COMMIT`);
  setFormat(database);
}

/** Says that a file has the format of this version. */
export function setFormat(database: DatabaseSync): void {
  database.exec(`PRAGMA user_version=${formatVersion}`);
}

/** The format that a file has, which may be an older one. */
function checkOrCreate(database: DatabaseSync, path: string, schema: string): number {
  const id = pragma(database, "application_id");
  const version = pragma(database, "user_version");
  const tables = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get() as { n: number };
  if (id === 0 && version === 0 && tables.n === 0) {
    create(database, schema);
    return formatVersion;
  }
  if (id !== applicationId) throw new DataFolderError(`${path} is not a file of Callwire; choose another data folder`);
  if (version > formatVersion) {
    throw new DataFolderError(
      `${path} has format ${version}, this version reads ${formatVersion}; upgrade the gateway`,
    );
  }
  return version;
}

export interface OpenedFile {
  database: DatabaseSync;
  /** The format found: that of this version, or an older one that is still to be brought up to date. */
  format: number;
}

/** What the data folder holds is for its owner, and for the group to be backed up by. */
export const dataFileMode = 0o640;

/**
 * Makes a file for SQLite, which makes its own so that anyone may read them; those beside it, of its WAL, get its mode. One that is
 * there is not touched: closing it would end the locks that this process has on it.
 */
export function makeFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", dataFileMode));
}

/** Opens a file for writing, creating it when it is missing. @throws DataFolderError when it is foreign or damaged */
export function openForWriting(path: string, schema: string): OpenedFile {
  let database: DatabaseSync | undefined;
  try {
    makeFile(path);
    database = new DatabaseSync(path);
    database.exec(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=5000",
    );
    database.exec("PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16384");
    return { database, format: checkOrCreate(database, path, schema) };
  } catch (error) {
    database?.close();
    if (error instanceof DataFolderError) throw error;
    throw new DataFolderError(
      `${path} cannot be opened: ${(error as Error).message}; restore it or choose another folder`,
      { cause: error },
    );
  }
}

export function openForReading(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec("PRAGMA busy_timeout=5000; PRAGMA cache_size=-8192; PRAGMA mmap_size=268435456");
  return database;
}
