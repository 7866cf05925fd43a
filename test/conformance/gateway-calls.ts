/** What the suite itself asks a gateway, over Connect's JSON so that no SDK is part of it. */
import type { Group } from "./case.ts";

interface PublishAnswer {
  results: { status: string; cursor: string; reason?: string }[];
}

const itemsOfCall = 1_000;
const bytesOfCall = 3_000_000;

async function call<Answer>(url: string, method: string, request: object): Promise<Answer> {
  const response = await fetch(`${url}/callwire.v1.${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  const answer = (await response.json()) as Answer;
  if (!response.ok) throw new Error(`${method}: ${JSON.stringify(answer)}`);
  return answer;
}

/** The source objects of a group. */
function* bodiesOf({ repeat, padding, body }: Group): Generator<string> {
  const text = JSON.stringify(padding === 0 ? body : { ...body, padding: "x".repeat(padding) });
  for (let n = 1; n <= repeat; n++) yield text.replaceAll("{{n}}", String(n));
}

/** Publishes in order; gives the cursors. */
export async function publish(url: string, tenant: string, groups: readonly Group[]): Promise<string[]> {
  const cursors: string[] = [];
  let items: { json: string }[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (items.length === 0) return;
    const { results } = await call<PublishAnswer>(url, "IngestService/PublishEvents", {
      tenant,
      source: "ccai",
      items,
    });
    for (const { cursor, reason } of results) {
      if (reason !== undefined) throw new Error(`an event of the case was refused: ${reason}`);
      cursors.push(cursor);
    }
    items = [];
    bytes = 0;
  };
  for (const group of groups) {
    for (const json of bodiesOf(group)) {
      if (items.length === itemsOfCall || bytes + json.length > bytesOfCall) await flush();
      items.push({ json });
      bytes += json.length;
    }
    // A group is a request of its own: two groups have different times.
    await flush();
  }
  return cursors;
}

export interface LogInfo {
  epoch: string;
  oldestCursor: string;
  newestCursor: string;
}

export function logInfo(url: string, tenant: string): Promise<LogInfo> {
  return call<LogInfo>(url, "SubscriptionService/GetLogInfo", { tenant });
}

/** When the gateway received an event, in the form of JSON. */
export async function receivedTime(url: string, tenant: string, cursor: string): Promise<string> {
  const [epoch, offset] = cursor.split("-");
  const request = { tenant, afterCursor: `${epoch}-${Number(offset) - 1}`, endCursor: cursor };
  const page = await call<{ events: { receivedTime: string }[] }>(url, "SubscriptionService/ListEvents", request);
  return page.events[0]!.receivedTime;
}

/** The value of a gauge without labels. */
export async function gauge(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}
