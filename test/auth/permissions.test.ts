/** Nothing is served that nobody declared a permission for. */
import { expect, test } from "vitest";
import { file_callwire_v1_admin } from "../../gen/ts/callwire/v1/admin_pb.ts";
import { file_callwire_v1_call } from "../../gen/ts/callwire/v1/call_pb.ts";
import { file_callwire_v1_ingest } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { file_callwire_v1_subscription } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { file_grpc_health_v1_health } from "../../gen/ts/grpc/health/v1/health_pb.ts";
import { file_grpc_reflection_v1_reflection } from "../../gen/ts/grpc/reflection/v1/reflection_pb.ts";
import { file_grpc_reflection_v1alpha_reflection } from "../../gen/ts/grpc/reflection/v1alpha/reflection_pb.ts";
import { rpcRequirements } from "../../src/auth/permissions.ts";

const files = [
  file_callwire_v1_admin,
  file_callwire_v1_call,
  file_callwire_v1_ingest,
  file_callwire_v1_subscription,
  file_grpc_health_v1_health,
  file_grpc_reflection_v1_reflection,
  file_grpc_reflection_v1alpha_reflection,
];

test("every RPC has a declared permission, and every declaration an RPC", () => {
  const rpcs = files.flatMap(({ services }) =>
    services.flatMap(({ typeName, methods }) => methods.map(({ name }) => `/${typeName}/${name}`)),
  );
  expect(Object.keys(rpcRequirements).sort()).toEqual(rpcs.sort());
});
