/**
 * A gRPC server that says what a script tells it to, for what a healthy gateway never says. Frames are made by node:http2,
 * messages and trailers by hand, so that they can be wrong on purpose.
 */
import { once } from "node:events";
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { type DescMethod, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { CallService } from "../../gen/ts/callwire/v1/call_pb.ts";
import { IngestService } from "../../gen/ts/callwire/v1/ingest_pb.ts";
import { SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { MessageReader } from "../../src/testkit/http2-frames.ts";
import type { Act, Script } from "./case.ts";
import { envelope, messageOf, trailersOf } from "./scripted-messages.ts";

export interface ScriptedRequest {
  method: string;
  /** ProtoJSON. */
  message: unknown;
  authorization: string | null;
}

const methods = new Map<string, DescMethod>(
  [SubscriptionService, IngestService, CallService].flatMap((service) =>
    service.methods.map((method): [string, DescMethod] => [`/${service.typeName}/${method.name}`, method]),
  ),
);

export class ScriptedServer {
  readonly #server: Http2Server = createServer();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #script: Script;
  readonly #turns = new Map<string, number>();
  readonly #signals = new Map<string, PromiseWithResolvers<void>>();
  readonly requests: ScriptedRequest[] = [];
  /** What the script did not foresee. */
  readonly complaints: string[] = [];
  onRequest: () => void = () => {};

  constructor(script: Script) {
    this.#script = script;
    this.#server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session)).on("error", () => {});
    });
    this.#server.on("sessionError", () => {});
    this.#server.on("stream", (stream, headers) => {
      // A caller that resets its stream is no event of its own.
      stream.on("error", () => {});
      void this.#answer(stream, headers);
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets acts that wait for this name go on. */
  signal(name: string): void {
    this.#signalOf(name).resolve();
  }

  #signalOf(name: string): PromiseWithResolvers<void> {
    let signal = this.#signals.get(name);
    if (signal === undefined) this.#signals.set(name, (signal = Promise.withResolvers<void>()));
    return signal;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const session of this.#sessions) session.destroy();
    await closed;
  }

  async #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const path = String(headers[":path"]);
    const method = methods.get(path);
    const answers = this.#script[method?.name ?? ""];
    if (method === undefined || answers === undefined) {
      this.complaints.push(`it called ${path}, which the script does not have`);
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "12" }, { endStream: true });
      return;
    }
    const request = await readRequest(stream);
    if (request === undefined) return;
    const message = toJson(method.input, fromBinary(method.input, request));
    this.requests.push({ method: method.name, message, authorization: headers.authorization ?? null });
    const turn = this.#turns.get(method.name) ?? 0;
    this.#turns.set(method.name, turn + 1);
    this.onRequest();
    const acts = answers[Math.min(turn, answers.length - 1)]!;
    const answer = new ScriptedAnswer(stream, method, (name) => this.#signalOf(name).promise);
    for (const act of acts) {
      if (stream.destroyed) return;
      await answer.play(act);
    }
  }
}

/** The one message of a request; undefined when the caller left before it was whole. */
async function readRequest(stream: ServerHttp2Stream): Promise<Buffer | undefined> {
  const reader = new MessageReader();
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (const message of reader.push(chunk)) {
        stream.resume();
        return message;
      }
    }
  } catch {
    return undefined;
  }
  return undefined;
}

/** One answer, act by act. */
class ScriptedAnswer {
  readonly #stream: ServerHttp2Stream;
  readonly #method: DescMethod;
  readonly #signal: (name: string) => Promise<void>;

  constructor(stream: ServerHttp2Stream, method: DescMethod, signal: (name: string) => Promise<void>) {
    this.#stream = stream;
    this.#method = method;
    this.#signal = signal;
  }

  async play(act: Act): Promise<void> {
    const stream = this.#stream;
    if ("headers" in act) return this.#respond();
    if ("wait" in act) return this.#signal(act.wait);
    if ("hold" in act) {
      this.#respond();
      return new Promise((resolve) => void stream.once("close", resolve));
    }
    if ("status" in act) return this.#end(trailersOf(act.status));
    if ("ok" in act) return this.#end({ "grpc-status": "0" });
    if ("reset" in act) return stream.close(code("NGHTTP2_", act.reset));
    if ("goaway" in act) return stream.session?.goaway(code("NGHTTP2_", act.goaway));
    if ("disconnect" in act) return stream.session?.destroy();
    if ("http" in act) {
      stream.respond({ ":status": act.http.status, "content-type": "text/plain" });
      return void stream.end(act.http.body);
    }
    this.#respond();
    if ("half" in act) {
      const whole = envelope(toBinary(this.#method.output, messageOf(this.#method, { events: act.half })));
      return this.#write(whole.subarray(0, Math.floor(whole.length / 2)));
    }
    if ("bytes" in act) return this.#write(envelope(Buffer.from(act.bytes, "hex")));
    const message = toBinary(this.#method.output, messageOf(this.#method, act));
    const unknown = "send" in act ? Buffer.from(act.unknown ?? "", "hex") : Buffer.alloc(0);
    return this.#write(envelope(Buffer.concat([message, unknown])));
  }

  #respond(): void {
    if (this.#stream.headersSent) return;
    this.#stream.respond({ ":status": 200, "content-type": "application/grpc+proto" }, { waitForTrailers: true });
  }

  /** Resolves once it is with the operating system, so that what follows cannot overtake it. */
  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => this.#stream.write(bytes, () => resolve()));
  }

  #end(trailers: Record<string, string>): void {
    const stream = this.#stream;
    if (!stream.headersSent) {
      const headers = { ":status": 200, "content-type": "application/grpc+proto", ...trailers };
      return stream.respond(headers, { endStream: true });
    }
    stream.once("wantTrailers", () => stream.sendTrailers(trailers));
    stream.end();
  }
}

function code(prefix: string, name: string): number {
  const value = (constants as unknown as Record<string, number>)[prefix + name];
  if (value === undefined) throw new RangeError(`HTTP/2 has no error ${name}`);
  return value;
}
