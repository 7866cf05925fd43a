#!/usr/bin/env node
/** The `callwire` executable. */
import { run } from "./program.ts";

process.exitCode = await run(process.argv.slice(2));
