/**
 * `@callwire/client/grpc-js`: the gateway's services for applications that are built on @grpc/grpc-js. Made from the same
 * descriptors as everything else, with the same messages. Leaving a loop over a stream does not end it: `cancel()` does.
 */
import {
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { makeGenericClientConstructor, type ServiceClientConstructor, type ServiceDefinition } from "@grpc/grpc-js";
import { AdminService } from "../../../gen/ts/callwire/v1/admin_pb.ts";
import { CallService } from "../../../gen/ts/callwire/v1/call_pb.ts";
import { IngestService } from "../../../gen/ts/callwire/v1/ingest_pb.ts";
import { SubscriptionService } from "../../../gen/ts/callwire/v1/subscription_pb.ts";

function serializer(schema: DescMessage) {
  return (message: Message): Buffer => {
    const bytes = toBinary(schema, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function deserializer(schema: DescMessage) {
  return (bytes: Buffer): Message => fromBinary(schema, bytes);
}

function methodDefinition(method: DescMethod) {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
    responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
    requestSerialize: serializer(method.input),
    requestDeserialize: deserializer(method.input),
    responseSerialize: serializer(method.output),
    responseDeserialize: deserializer(method.output),
  };
}

/** The definition of a service, for clients and for `Server.addService`. Methods have their camel-case names. */
export function serviceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.localName, methodDefinition(method)]));
}

/** A client class whose methods take messages made by `create` and give messages of the same kind. */
export function clientConstructor(service: DescService): ServiceClientConstructor {
  return makeGenericClientConstructor(serviceDefinition(service), service.typeName);
}

/** Reads the journal. */
export const SubscriptionServiceClient: ServiceClientConstructor = clientConstructor(SubscriptionService);
/** Calls, chats and agents. */
export const CallServiceClient: ServiceClientConstructor = clientConstructor(CallService);
/** Publishes events. */
export const IngestServiceClient: ServiceClientConstructor = clientConstructor(IngestService);
/** The quarantine. */
export const AdminServiceClient: ServiceClientConstructor = clientConstructor(AdminService);
