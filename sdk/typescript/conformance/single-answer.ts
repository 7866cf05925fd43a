/** Cases whose method has one answer. */
import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import {
  type Client,
  EventSchema,
  GetCallRequestSchema,
  GetCallResponseSchema,
  GetLogInfoRequestSchema,
  GetLogInfoResponseSchema,
  ListEventsRequestSchema,
  type NodeProtocol,
  PublishEventsRequestSchema,
  PublishEventsResponseSchema,
} from "../src/index.ts";
import { type CaseInput, clientFor } from "./case-input.ts";
import { failureOf } from "./outcome.ts";

export async function askOnce(input: CaseInput, protocol: NodeProtocol): Promise<object> {
  const client = clientFor(input, protocol);
  try {
    return { outcome: "completed", response: await ask(client, input) };
  } catch (error) {
    return failureOf(error);
  } finally {
    await client.close();
  }
}

async function ask(client: Client, { method, request }: CaseInput): Promise<JsonValue> {
  switch (method) {
    case "list_events": {
      const events: JsonValue[] = [];
      for await (const event of client.allEvents(fromJson(ListEventsRequestSchema, request))) {
        events.push(toJson(EventSchema, event));
      }
      return { events };
    }
    case "get_log_info":
      return toJson(GetLogInfoResponseSchema, await client.getLogInfo(fromJson(GetLogInfoRequestSchema, request)));
    case "get_call":
      return toJson(GetCallResponseSchema, await client.getCall(fromJson(GetCallRequestSchema, request)));
    case "publish_events":
      return toJson(
        PublishEventsResponseSchema,
        await client.publishEvents(fromJson(PublishEventsRequestSchema, request)),
      );
    case "subscribe":
      throw new Error("a subscription has more than one answer");
  }
}
