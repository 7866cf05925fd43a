import { expect, it } from "vitest";
import { subscribeCommand } from "../../src/server/announcement.ts";

const one = { tenants: [{ id: "default" }], tls: undefined };

it.each([
  ["one tenant", one, true, "grpcurl -plaintext -d '{}'"],
  [
    "several tenants",
    { ...one, tenants: [{ id: "acme" }, { id: "globex" }] },
    true,
    `grpcurl -plaintext -d '{"tenant":"acme"}'`,
  ],
  ["credentials", one, false, "grpcurl -plaintext -H 'authorization: Bearer KEY' -d '{}'"],
  ["TLS", { ...one, tls: {} }, false, "grpcurl -H 'authorization: Bearer KEY' -d '{}'"],
])("tells how to subscribe, with %s", (_, config, isAnonymous, beginning) => {
  const command = subscribeCommand(config, isAnonymous, "127.0.0.1:7450");
  expect(command).toBe(`${beginning} 127.0.0.1:7450 callwire.v1.SubscriptionService/Subscribe`);
});
