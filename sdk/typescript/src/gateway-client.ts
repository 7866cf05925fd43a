/** A client of one gateway, on whatever platform its connection is for. */
import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions as ConnectOptions } from "@connectrpc/connect";
import type {
  Agent,
  GetAgentRequestSchema,
  GetAgentResponse,
  GetCallRequestSchema,
  GetCallResponse,
  ListAgentsRequestSchema,
  ListAgentsResponse,
  ListCallsRequestSchema,
  ListCallsResponse,
} from "../../../gen/ts/callwire/v1/call_pb.ts";
import type { Event } from "../../../gen/ts/callwire/v1/event_pb.ts";
import type { PublishEventsRequestSchema, PublishEventsResponse } from "../../../gen/ts/callwire/v1/ingest_pb.ts";
import type { Session } from "../../../gen/ts/callwire/v1/session_pb.ts";
import type {
  ExplainEventRequestSchema,
  ExplainEventResponse,
  GetLogInfoRequestSchema,
  GetLogInfoResponse,
  ListEventsRequestSchema,
  ListEventsResponse,
} from "../../../gen/ts/callwire/v1/subscription_pb.ts";
import { type Connection, type RawClients, rawClients } from "./connection.ts";
import type { KeyRing } from "./credential.ts";
import { allOf } from "./pages.ts";
import type { RetryOptions } from "./retry.ts";
import type { SubscribeOptions } from "./subscribe-options.ts";
import { Subscription } from "./subscription.ts";
import { type CallOptions, callUnary, type UnaryDefaults } from "./unary.ts";

/** What clients of every platform take. */
export interface CommonClientOptions {
  /** How long a call with one answer may take with all of its attempts, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How failures are retried, of calls and of subscriptions. */
  readonly retry?: RetryOptions | undefined;
}

/** A request as a literal of the message's fields. */
export type Request<Schema extends DescMessage> = MessageInitShape<Schema>;

/** Calls throw CallwireError. Iterators of lists ask for the next page when they come to it. */
export class GatewayClient implements AsyncDisposable {
  /** The generated clients. They present the credential and add neither deadline nor retries. */
  readonly raw: RawClients;
  readonly #connection: Connection;
  readonly #keys: KeyRing;
  readonly #defaults: UnaryDefaults;
  readonly #subscriptions = new Set<Subscription>();

  protected constructor(connection: Connection, keys: KeyRing, options: CommonClientOptions) {
    this.raw = rawClients(connection.transport);
    this.#connection = connection;
    this.#keys = keys;
    this.#defaults = { timeoutMs: options.timeoutMs ?? 10_000, retry: options.retry ?? {} };
  }

  /** Prepares a subscription; it begins when it is consumed. */
  subscribe(options: SubscribeOptions = {}): Subscription {
    const source = { connection: this.#connection, raw: this.raw, keys: this.#keys };
    const subscription = new Subscription(source, { ...options, retry: options.retry ?? this.#defaults.retry }, (one) =>
      this.#subscriptions.delete(one),
    );
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** One page of history. */
  listEvents(request: Request<typeof ListEventsRequestSchema>, options?: CallOptions): Promise<ListEventsResponse> {
    return this.#call((connect) => this.raw.subscriptions.listEvents(request, connect), options);
  }

  /** A range of history, all pages. */
  allEvents(request: Request<typeof ListEventsRequestSchema>, options?: CallOptions): AsyncGenerator<Event, void> {
    const page = (pageToken: string) => this.listEvents({ ...request, pageToken } as typeof request, options);
    return allOf(page, ({ events }) => events);
  }

  /** What the journal holds, and the limits in force. */
  getLogInfo(
    request: Request<typeof GetLogInfoRequestSchema> = {},
    options?: CallOptions,
  ): Promise<GetLogInfoResponse> {
    return this.#call((connect) => this.raw.subscriptions.getLogInfo(request, connect), options);
  }

  /** Why filters select an event or not. */
  explainEvent(
    request: Request<typeof ExplainEventRequestSchema>,
    options?: CallOptions,
  ): Promise<ExplainEventResponse> {
    return this.#call((connect) => this.raw.subscriptions.explainEvent(request, connect), options);
  }

  /** One call or chat. */
  getCall(request: Request<typeof GetCallRequestSchema>, options?: CallOptions): Promise<GetCallResponse> {
    return this.#call((connect) => this.raw.calls.getCall(request, connect), options);
  }

  /** One page of calls and chats, newest first. */
  listCalls(request: Request<typeof ListCallsRequestSchema>, options?: CallOptions): Promise<ListCallsResponse> {
    return this.#call((connect) => this.raw.calls.listCalls(request, connect), options);
  }

  /** Calls and chats, newest first, all pages. */
  allCalls(request: Request<typeof ListCallsRequestSchema> = {}, options?: CallOptions): AsyncGenerator<Session, void> {
    const page = (pageToken: string) => this.listCalls({ ...request, pageToken } as typeof request, options);
    return allOf(page, ({ sessions }) => sessions);
  }

  /** One agent. */
  getAgent(request: Request<typeof GetAgentRequestSchema>, options?: CallOptions): Promise<GetAgentResponse> {
    return this.#call((connect) => this.raw.calls.getAgent(request, connect), options);
  }

  /** One page of agents, by id. */
  listAgents(request: Request<typeof ListAgentsRequestSchema>, options?: CallOptions): Promise<ListAgentsResponse> {
    return this.#call((connect) => this.raw.calls.listAgents(request, connect), options);
  }

  /** Agents, by id, all pages. */
  allAgents(request: Request<typeof ListAgentsRequestSchema> = {}, options?: CallOptions): AsyncGenerator<Agent, void> {
    const page = (pageToken: string) => this.listAgents({ ...request, pageToken } as typeof request, options);
    return allOf(page, ({ agents }) => agents);
  }

  /** Publishes a batch of events. Retried only when every item has an idempotency key. */
  publishEvents(
    request: Request<typeof PublishEventsRequestSchema>,
    options?: CallOptions,
  ): Promise<PublishEventsResponse> {
    const mayRepeat = (request.items ?? []).every(({ idempotencyKey = "" }) => idempotencyKey !== "");
    return this.#call((connect) => this.raw.ingest.publishEvents(request, connect), options, mayRepeat);
  }

  /** Closes every subscription as `Subscription.close` does, then the connection. */
  async close(): Promise<void> {
    try {
      await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    } finally {
      this.#connection.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call<T>(attempt: (options: ConnectOptions) => Promise<T>, options: CallOptions = {}, mayRepeat = true): Promise<T> {
    return callUnary(attempt, this.#keys, options, this.#defaults, mayRepeat);
  }
}
