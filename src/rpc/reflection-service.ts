/**
 * Server reflection, `v1` and `v1alpha`, from the generated descriptors: every file with everything that it depends on, and
 * the errors that no service refers to, so that grpcurl can describe every type and print every error.
 */
import { create, type DescExtension, type DescFile, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "../../gen/ts/grpc/reflection/v1/reflection_pb.ts";

/** gRPC's NOT_FOUND. */
const notFound = 5;

type Answer = ServerReflectionResponse["messageResponse"];

export class DescriptorIndex {
  readonly #files = new Map<string, DescFile>();
  readonly #symbols = new Map<string, DescFile>();
  readonly #extensions = new Map<string, DescExtension[]>();
  readonly services: readonly string[];

  constructor(roots: readonly DescFile[], services: readonly string[]) {
    this.services = services;
    for (const root of roots) this.#add(root);
  }

  #add(file: DescFile): void {
    const name = `${file.name}.proto`;
    if (this.#files.has(name)) return;
    this.#files.set(name, file);
    for (const dependency of file.dependencies) this.#add(dependency);
    for (const type of nestedTypes(file)) this.#addSymbols(type, file);
  }

  #addSymbols(type: ReturnType<typeof nestedTypes> extends Iterable<infer T> ? T : never, file: DescFile): void {
    this.#symbols.set(type.typeName, file);
    switch (type.kind) {
      case "message":
        for (const member of [...type.fields, ...type.oneofs])
          this.#symbols.set(`${type.typeName}.${member.name}`, file);
        return;
      case "enum": {
        // Enum values are siblings of their enum.
        const scope = type.typeName.slice(0, type.typeName.lastIndexOf(".") + 1);
        for (const { name } of type.values) {
          this.#symbols.set(scope + name, file);
          this.#symbols.set(`${type.typeName}.${name}`, file);
        }
        return;
      }
      case "service":
        for (const method of type.methods) this.#symbols.set(`${type.typeName}.${method.name}`, file);
        return;
      case "extension": {
        const extended = type.extendee.typeName;
        this.#extensions.set(extended, [...(this.#extensions.get(extended) ?? []), type]);
      }
    }
  }

  fileByName(name: string): DescFile | undefined {
    return this.#files.get(name);
  }

  fileOfSymbol(symbol: string): DescFile | undefined {
    return this.#symbols.get(symbol.replace(/^\./, ""));
  }

  extensionsOf(type: string): readonly DescExtension[] | undefined {
    if (this.#extensions.has(type)) return this.#extensions.get(type);
    return this.#symbols.has(type) ? [] : undefined;
  }
}

/** Files in answers: the one asked for first, then what it needs that was not sent on this stream. */
function withDependencies(file: DescFile, sent: Set<string>): Uint8Array[] {
  const answer: DescFile[] = [];
  const visit = (next: DescFile, always: boolean): void => {
    if (sent.has(next.name) && !always) return;
    sent.add(next.name);
    answer.push(next);
    for (const dependency of next.dependencies) visit(dependency, false);
  };
  visit(file, true);
  return answer.map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
}

function fileAnswer(file: DescFile | undefined, what: string, sent: Set<string>): Answer {
  if (file === undefined) return unknown(what);
  const fileDescriptorProto = withDependencies(file, sent);
  return {
    case: "fileDescriptorResponse",
    value: { $typeName: "grpc.reflection.v1.FileDescriptorResponse", fileDescriptorProto },
  };
}

function unknown(what: string): Answer {
  const errorMessage = `${what} is not known`;
  return {
    case: "errorResponse",
    value: { $typeName: "grpc.reflection.v1.ErrorResponse", errorCode: notFound, errorMessage },
  };
}

function answer(index: DescriptorIndex, request: ServerReflectionRequest["messageRequest"], sent: Set<string>): Answer {
  switch (request.case) {
    case "listServices": {
      const service = index.services.map((name) => ({
        $typeName: "grpc.reflection.v1.ServiceResponse" as const,
        name,
      }));
      return { case: "listServicesResponse", value: { $typeName: "grpc.reflection.v1.ListServiceResponse", service } };
    }
    case "fileByFilename":
      return fileAnswer(index.fileByName(request.value), `file ${request.value}`, sent);
    case "fileContainingSymbol":
      return fileAnswer(index.fileOfSymbol(request.value), `symbol ${request.value}`, sent);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = request.value;
      const extension = index.extensionsOf(containingType)?.find(({ number }) => number === extensionNumber);
      return fileAnswer(extension?.file, `extension ${extensionNumber} of ${containingType}`, sent);
    }
    case "allExtensionNumbersOfType": {
      const extensions = index.extensionsOf(request.value);
      if (extensions === undefined) return unknown(`type ${request.value}`);
      const extensionNumber = extensions.map(({ number }) => number);
      const numbers = {
        $typeName: "grpc.reflection.v1.ExtensionNumberResponse" as const,
        baseTypeName: request.value,
        extensionNumber,
      };
      return { case: "allExtensionNumbersResponse", value: numbers };
    }
    default:
      return unknown("an empty request");
  }
}

/** Serves both versions: their messages are alike but for the package. */
export function reflectionService(index: DescriptorIndex): ServiceImpl<typeof ServerReflection> {
  return {
    async *serverReflectionInfo(requests) {
      const sent = new Set<string>();
      for await (const request of requests) {
        const { host } = request;
        const messageResponse = answer(index, request.messageRequest, sent);
        yield create(ServerReflectionResponseSchema, { validHost: host, originalRequest: request, messageResponse });
      }
    },
  };
}
