import { defineConfig } from "vitest/config";

export default defineConfig({
  // The generated code lies outside the package and is to use the package's own runtime.
  resolve: { dedupe: ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-node"] },
  test: { include: ["test/**/*.test.ts"], testTimeout: 20_000, hookTimeout: 30_000 },
});
