import { Code } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { toConnectError } from "../../src/rpc/connect-error.ts";

it("a request that is cut off is cancelled, and no defect of the gateway", () => {
  const cut = Object.assign(new Error("aborted"), { code: "ECONNRESET" });
  expect(toConnectError(cut).code).toBe(Code.Canceled);
});
