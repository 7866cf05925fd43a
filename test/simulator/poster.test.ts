import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { contactCentre, type Post } from "../../src/simulator/contact-centre.ts";
import { type PosterOptions, postAll } from "../../src/simulator/poster.ts";

type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function gateway(handle: Handler): Promise<PosterOptions> {
  const server = createServer((request, response) => {
    text(request).then(
      (body) => handle(request, body, response),
      () => {},
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { gateway: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tenant: "default", rate: 0 };
}

function reply(response: ServerResponse, status: number, answer: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(answer));
}

const taken = (accepted: number) => ({ accepted, duplicates: 0, rejected: 0, cursors: [], rejections: [] });

const somePosts = (calls: number): Post[] => [...contactCentre({ seed: 1, calls, agents: 5 })];

const sum = (posts: Post[]) => posts.reduce((events, post) => events + post.events, 0);

describe("postAll", () => {
  it("posts each session in order, to the webhook of its source, over kept connections", async () => {
    const posts = somePosts(60);
    const eventsOf = new Map(posts.map(({ body, events }) => [body, events]));
    const answered: Post[] = [];
    const connections = new Set<unknown>();
    const urls = new Set<string>();
    const options = await gateway((request, body, response) => {
      connections.add(request.socket);
      urls.add(`${request.url} ${request.headers.authorization}`);
      reply(response, 200, taken(eventsOf.get(body)!));
    });
    const basicAuth = { username: "ccai", password: "secret" };
    const onResult = (post: Post) => answered.push(post);
    const totals = await postAll(posts, { ...options, basicAuth, concurrency: 8, onResult });
    expect(totals).toEqual({ posted: posts.length, accepted: sum(posts), duplicates: 0, rejected: 0, failed: 0 });
    for (const { sessionKey } of posts) {
      const isOfSession = (post: Post) => post.sessionKey === sessionKey;
      expect(answered.filter(isOfSession)).toEqual(posts.filter(isOfSession));
    }
    const auth = `Basic ${Buffer.from("ccai:secret").toString("base64")}`;
    expect(urls).toEqual(new Set([`/webhooks/default/ccai ${auth}`, `/webhooks/default/ccai-external ${auth}`]));
    expect(connections.size).toBeLessThanOrEqual(8);
  });

  it.each([503, 429])("tries again after %i, before it goes on with the session", async (status) => {
    const posts = somePosts(3);
    const refused = new Set<string>();
    const stored: string[] = [];
    const options = await gateway((_request, body, response) => {
      const first = !refused.has(body);
      refused.add(body);
      if (first) return reply(response, status, { reason: "OVERLOADED" }, { "retry-after": "0" });
      stored.push(body);
      reply(response, 200, taken(1));
    });
    const totals = await postAll(posts, { ...options, concurrency: 1 });
    expect(totals).toMatchObject({ posted: posts.length, failed: 0 });
    expect(stored).toEqual(posts.map(({ body }) => body));
  });

  it("tries again after a broken connection", async () => {
    const posts = somePosts(1).slice(0, 2);
    let broken = 0;
    const options = await gateway((request, _body, response) => {
      if (broken++ === 0) request.socket.destroy();
      else reply(response, 200, taken(1));
    });
    expect(await postAll(posts, options)).toMatchObject({ posted: 2, accepted: 2, failed: 0 });
  });

  it("counts what the gateway refuses apart from what it could not be asked", async () => {
    const [first, second] = somePosts(1);
    const options = await gateway((_request, body, response) => reply(response, body === first!.body ? 400 : 401, {}));
    expect(await postAll([first!, second!], options)).toMatchObject({ posted: 2, rejected: 1, failed: 1 });
  });

  it("gives up a post that stays refused for too long", async () => {
    const options = await gateway((_request, _body, response) => reply(response, 503, {}, { "retry-after": "2" }));
    const statuses: number[] = [];
    const onResult = (_post: Post, status: number) => statuses.push(status);
    const totals = await postAll(somePosts(1).slice(0, 1), { ...options, giveUpAfterMs: 1_000, onResult });
    expect(totals).toMatchObject({ posted: 1, failed: 1 });
    expect(statuses).toEqual([503]);
  });

  it("ends at once when it is aborted, with endless posts and a silent gateway", async () => {
    const controller = new AbortController();
    const options = await gateway(() => controller.abort());
    const totals = await postAll(contactCentre({ seed: 1 }), { ...options, signal: controller.signal });
    expect(totals).toMatchObject({ posted: 0, accepted: 0 });
    expect(totals.failed).toBeGreaterThan(0);
  });
});
