#!/usr/bin/env node
/** The `callwire` executable. */
import { constants, enableCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";

// Compiled code is kept between starts, and the gateway's threads share it: a start takes a third of the time and memory.
const cache = enableCompileCache();
if (cache.status !== constants.compileCacheStatus.FAILED && cache.directory !== undefined) {
  process.env.NODE_COMPILE_CACHE ??= cache.directory;
}
// Most of what the main thread makes dies at once; a larger young generation would only take memory from subscribers.
setFlagsFromString("--max-semi-space-size=8");
const { run } = await import("./program.ts");

process.exitCode = await run(process.argv.slice(2));
