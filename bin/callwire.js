#!/usr/bin/env -S node --max-semi-space-size=4
// The `callwire` executable: of src/ in a checkout, of dist/ in the package, since Node runs no TypeScript of installed
// packages. Plain JavaScript: the cache has to be on before the first TypeScript file is loaded, or the compiler of
// TypeScript stays in memory. Most of what the main thread makes dies within a few blocks. In half the young generation
// above, much of it is kept until everything is collected, subscribers and all; twice as much takes memory from subscribers.
import { existsSync } from "node:fs";
import { constants, enableCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";

// The bound is the main thread's alone: each other thread has its own.
setFlagsFromString("--max-semi-space-size=0");

const cache = enableCompileCache();
if (cache.status !== constants.compileCacheStatus.FAILED && cache.directory !== undefined) {
  // The gateway's threads use the same cache.
  process.env.NODE_COMPILE_CACHE ??= cache.directory;
}
const source = new URL("../src/cli/program.ts", import.meta.url);
const program = existsSync(source) ? source : new URL("../dist/src/cli/program.js", import.meta.url);
const { run } = await import(program.href);

process.exitCode = await run(process.argv.slice(2));
