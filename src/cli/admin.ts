/** `callwire admin`: who may do what, while the gateway runs. */
import { create as createMessage, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Command, Option } from "commander";
import { type ApiKey, ApiKeySchema, QuotasSchema } from "../../gen/ts/callwire/v1/admin_pb.ts";
import { EventView } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import type { Permission } from "../config/access.ts";
import { addGatewayFlags, callTimeoutMs, type GatewayFlags, withGateway } from "./client.ts";
import { harmless } from "./event-line.ts";
import { parseNamedFilter } from "./filter-json.ts";
import { jsonLine, print, say } from "./output.ts";
import { UsageError } from "./usage.ts";

const permissions: readonly Permission[] = ["subscribe", "publish", "observe", "admin"];

interface CreateFlags extends GatewayFlags {
  permission: string[];
  keyTenant?: string[];
  filter?: string[];
  view?: string;
  mask?: string;
  privileged?: boolean;
  quota?: string[];
  expires?: string;
}

interface ListFlags extends GatewayFlags {
  json?: boolean;
}

export function addAdmin(program: Command): void {
  const keys = program.command("admin").description("operate a gateway").command("keys").description("API keys");
  addGatewayFlags(keys.command("create <name>").description("make an API key and print it, once"))
    .addOption(
      new Option("--permission <name...>", "what it may do; several are given one after the other")
        .choices(permissions)
        .makeOptionMandatory(),
    )
    .option("--key-tenant <id...>", "the tenants that it may name (default: your only one)")
    .option(
      "--filter <json...>",
      "what it may see, each a Filter as JSON; one of them must match (default: everything)",
    )
    .option("--view <view>", "the highest view, basic or full (default: full)")
    .option("--mask <name>", "a mask of the configuration (default: nothing is masked)")
    .option("--privileged", "sees also what is withheld while a party of a call is redacted")
    .option(
      "--quota <name=number...>",
      "max_streams, publish_events_per_second, publish_bytes_per_second or replay_bytes_per_second (default: no bound)",
    )
    .option("--expires <time>", "when it ends, such as 2027-01-31T00:00:00Z (default: never)")
    .action((name: string, flags: CreateFlags) => create(name, flags));
  addGatewayFlags(keys.command("list").description("list the API keys, oldest first"))
    .option("--json", "print one canonical ProtoJSON ApiKey a line")
    .action((flags: ListFlags) => list(flags));
  addGatewayFlags(
    keys.command("revoke <id>").description("end an API key; its streams end within five seconds"),
  ).action((id: string, flags: GatewayFlags) => revoke(id, flags));
}

function viewOf(text: string | undefined): EventView {
  if (text === undefined || text === "full") return EventView.FULL;
  if (text === "basic") return EventView.BASIC;
  throw new UsageError(`--view takes basic or full, not "${text}".`);
}

function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new UsageError(`--expires takes a time such as 2027-01-31T00:00:00Z.`);
  return time;
}

/** `max_streams=10`, by the names that the configuration has too. */
function quotasOf(given: readonly string[] = []) {
  if (given.length === 0) return {};
  const message = createMessage(QuotasSchema);
  for (const text of given) {
    const [name, value] = /^([a-z_]+)=(\d{1,12})$/.exec(text)?.slice(1) ?? [];
    const field = QuotasSchema.fields.find((known) => known.name === name);
    if (field === undefined || value === undefined) {
      throw new UsageError(
        `--quota takes ${QuotasSchema.fields.map((known) => known.name).join(", ")}, each as NAME=NUMBER.`,
      );
    }
    reflect(QuotasSchema, message).set(field, field.scalar === ScalarType.INT64 ? BigInt(value) : Number(value));
  }
  return { quotas: message };
}

async function create(name: string, flags: CreateFlags): Promise<void> {
  const key = {
    name,
    tenants: flags.keyTenant ?? [],
    permissions: flags.permission,
    filters: (flags.filter ?? []).map((text, index) => parseNamedFilter(text, index).filter),
    view: viewOf(flags.view),
    mask: flags.mask ?? "",
    privileged: flags.privileged ?? false,
    ...quotasOf(flags.quota),
    ...(flags.expires === undefined ? {} : { expireTime: timestampFromDate(timeOf(flags.expires)) }),
  };
  await withGateway(flags, async ({ admin }) => {
    const { secret, key: made } = await admin.createApiKey({ key }, { timeoutMs: callTimeoutMs });
    await print(`${secret}\n`);
    say(`keep it: it is not shown again. Its id is ${made?.id}.`);
  });
}

async function list(flags: ListFlags): Promise<void> {
  await withGateway(flags, async ({ admin }) => {
    const { keys } = await admin.listApiKeys({}, { timeoutMs: callTimeoutMs });
    await print(keys.map((key) => (flags.json ? jsonLine(ApiKeySchema, key) : `${summary(key)}\n`)).join(""));
  });
}

async function revoke(id: string, flags: GatewayFlags): Promise<void> {
  await withGateway(flags, async ({ admin }) => {
    await admin.revokeApiKey({ id }, { timeoutMs: callTimeoutMs });
    say(`${id} is revoked.`);
  });
}

function standingOf({ revokeTime, expireTime }: ApiKey): string {
  if (revokeTime !== undefined) return `revoked ${timestampDate(revokeTime).toISOString()}`;
  if (expireTime === undefined) return "valid";
  const ends = timestampDate(expireTime);
  return `${ends.getTime() > Date.now() ? "valid until" : "expired"} ${ends.toISOString()}`;
}

function summary(key: ApiKey): string {
  const used = key.lastUsedTime === undefined ? "never used" : `used ${timestampDate(key.lastUsedTime).toISOString()}`;
  const narrowed = [
    ...(key.filters.length > 0 ? [`${key.filters.length} filters`] : []),
    ...(key.mask === "" ? [] : [`mask ${key.mask}`]),
    ...(key.view === EventView.BASIC ? ["basic view"] : []),
    ...(key.privileged ? ["privileged"] : []),
    ...(key.quotas === undefined ? [] : ["quotas"]),
  ];
  const facts = [
    key.id,
    key.name,
    key.tenants.join(","),
    key.permissions.join(","),
    ...narrowed,
    standingOf(key),
    used,
  ];
  return harmless(facts.join("  "));
}
