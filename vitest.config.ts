import { defineConfig } from "vitest/config";

/** Ends what hangs. Nothing is judged by the time it takes, and a build machine may be busy. */
const hangsAfterMs = 180_000;

export default defineConfig({
  test: { include: ["test/**/*.test.ts"], testTimeout: hangsAfterMs, hookTimeout: hangsAfterMs },
});
