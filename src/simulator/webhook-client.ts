/** One POST to one webhook, over connections that are kept open. */
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request } from "node:http";
import { Agent as HttpsAgent, request as secureRequest } from "node:https";
import { text } from "node:stream/consumers";

export interface WebhookAnswer {
  status: number;
  /** The parsed JSON, or the text when it is none. */
  answer: unknown;
  /** What `Retry-After` asks for, in milliseconds. */
  retryAfterMs: number | undefined;
}

export interface WebhookClientOptions {
  /** Base URL of the gateway, `http://127.0.0.1:7450`. */
  gateway: string;
  tenant: string;
  connections: number;
  basicAuth?: { username: string; password: string } | undefined;
}

/** A gateway that is silent for this long counts as gone. */
const silenceMs = 30_000;

export class WebhookClient {
  readonly #options: WebhookClientOptions;
  readonly #agent: HttpAgent;
  readonly #request: typeof request;

  constructor(options: WebhookClientOptions) {
    const secure = new URL(options.gateway).protocol === "https:";
    const pool = { keepAlive: true, maxSockets: options.connections };
    this.#options = options;
    this.#agent = secure ? new HttpsAgent(pool) : new HttpAgent(pool);
    this.#request = secure ? secureRequest : request;
  }

  /** Rejects when there was no complete answer; then the gateway may or may not have taken the body. */
  async post(source: string, body: string, signal: AbortSignal): Promise<WebhookAnswer> {
    const { gateway, tenant, basicAuth } = this.#options;
    const url = new URL(
      `webhooks/${encodeURIComponent(tenant)}/${encodeURIComponent(source)}`,
      `${gateway.replace(/\/+$/, "")}/`,
    );
    const bytes = Buffer.from(body);
    const headers = { "content-type": "application/json", "content-length": bytes.length };
    const auth = basicAuth && { auth: `${basicAuth.username}:${basicAuth.password}` };
    const outgoing = this.#request(url, { method: "POST", agent: this.#agent, headers, signal, ...auth });
    const response = await answered(outgoing, bytes);
    const content = await text(response);
    return { status: response.statusCode ?? 0, answer: parsed(content), retryAfterMs: retryAfterMs(response) };
  }

  close(): void {
    this.#agent.destroy();
  }
}

function answered(outgoing: ClientRequest, bytes: Uint8Array): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on("response", resolve).on("error", reject);
    outgoing.setTimeout(silenceMs, () => outgoing.destroy(new Error("The gateway did not answer in time.")));
    outgoing.end(bytes);
  });
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

/** Seconds only: gateways of this kind do not send the date form, and a date would need both clocks to agree. */
function retryAfterMs(response: IncomingMessage): number | undefined {
  const value = response.headers["retry-after"];
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1_000 : undefined;
}
