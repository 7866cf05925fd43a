import { defineConfig } from "vitest/config";

/** Ends what hangs. Nothing is judged by the time it takes, and a build machine may be busy. */
const hangsAfterMs = 180_000;

export default defineConfig({
  // The generated code lies outside the package and is to use the package's own runtime.
  resolve: { dedupe: ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-node"] },
  test: { include: ["test/**/*.test.ts"], testTimeout: hangsAfterMs, hookTimeout: hangsAfterMs },
});
