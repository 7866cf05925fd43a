/** The gateway's log: structured lines on stderr, as text for a person at a terminal. */
import pino, { type Logger } from "pino";
import pretty from "pino-pretty";
import type { Config } from "../config/config.ts";

export function createLogger({ level, format }: Config["log"]): Logger {
  const asText = format === "text" || (format === "auto" && process.stderr.isTTY);
  const stream = asText
    ? pretty({ destination: 2, sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss.l" })
    : pino.destination({ fd: 2, sync: true });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}
