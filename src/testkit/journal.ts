/** What a gateway's journal has for some filters, read page by page. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { ListEventsRequestSchema, SubscriptionService } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { JournalEvents } from "./verdict.ts";

/** Filters, scope and range, as in a ListEvents. The order is always ascending, the pages are the reader's. */
export type JournalRange = Omit<
  MessageInitShape<typeof ListEventsRequestSchema>,
  "orderBy" | "pageSize" | "pageToken" | "$typeName"
>;

const pageSize = 1_000;
const timeoutMs = 30_000;

/**
 * The events that the range selects, up to its end or the head at the first page.
 *
 * @throws ConnectError as ListEvents does; DEADLINE_EXCEEDED after 30 s for one page
 */
export async function readJournal(gatewayUrl: string, range: JournalRange = {}): Promise<JournalEvents> {
  const sessionManager = new Http2SessionManager(gatewayUrl);
  const client = createClient(SubscriptionService, createGrpcTransport({ baseUrl: gatewayUrl, sessionManager }));
  const request = create(ListEventsRequestSchema, { ...range, pageSize });
  const offsets: bigint[] = [];
  try {
    const { epoch } = await client.getLogInfo({ tenant: request.tenant }, { timeoutMs });
    do {
      const page = await client.listEvents(request, { timeoutMs });
      for (const { offset } of page.events) offsets.push(offset);
      request.pageToken = page.nextPageToken;
    } while (request.pageToken !== "");
    return { epoch, offsets };
  } finally {
    sessionManager.abort();
  }
}
