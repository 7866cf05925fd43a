/** What one case plays on: a gateway or a scripted server, the fault proxy before it, and a folder. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, type JsonValue, toJson } from "@bufbuild/protobuf";
import { SubscribeRequestSchema } from "../../gen/ts/callwire/v1/subscription_pb.ts";
import { FaultProxy } from "../../src/testkit/fault-proxy.ts";
import { randomCuts } from "../../src/testkit/random-cuts.ts";
import type { Case, Group } from "./case.ts";
import { logInfo, publish, receivedTime } from "./gateway-calls.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import { scriptedEpoch } from "./scripted-messages.ts";
import { ScriptedServer } from "./scripted-server.ts";

/** The gateways that cases share, with the tenants that they have. */
export interface SharedGateways {
  shared: GatewayProcess;
  expired: { gateway: GatewayProcess; tenant: string; cursors: readonly string[] };
  startOwn(): Promise<GatewayProcess>;
}

export class Stage {
  readonly folder: string;
  readonly tenant: string;
  readonly gateway: GatewayProcess | undefined;
  readonly scripted: ScriptedServer | undefined;
  /** Cursors of what was published, in order. */
  readonly cursors: string[] = [];
  /** Received times of published events that the case names, by number. */
  readonly #times = new Map<number, string>();
  readonly #requests: JsonValue[] = [];
  readonly #ownsGateway: boolean;
  #proxy: FaultProxy | undefined;
  #epoch = "";
  #oldest = "";

  private constructor(theCase: Case, folder: string, tenant: string, gateways: SharedGateways, own?: GatewayProcess) {
    this.folder = folder;
    this.#ownsGateway = own !== undefined;
    if (theCase.server === "scripted") {
      this.tenant = "default";
      this.scripted = new ScriptedServer(theCase.script ?? {});
      this.#epoch = scriptedEpoch;
    } else if (theCase.gateway === "expired") {
      this.gateway = gateways.expired.gateway;
      this.tenant = gateways.expired.tenant;
      this.cursors.push(...gateways.expired.cursors);
    } else {
      this.gateway = own ?? gateways.shared;
      this.tenant = own === undefined ? tenant : "default";
    }
  }

  static async build(theCase: Case, folder: string, tenant: string, gateways: SharedGateways): Promise<Stage> {
    mkdirSync(folder, { recursive: true });
    const own = theCase.server === "gateway" && theCase.gateway === "own" ? await gateways.startOwn() : undefined;
    const stage = new Stage(theCase, folder, tenant, gateways, own);
    await stage.scripted?.start();
    await stage.publish(theCase.setup.publish);
    if (stage.gateway !== undefined) await stage.learn();
    await stage.#learnTimes(JSON.stringify(theCase.runs));
    for (const [name, text] of Object.entries(theCase.setup.files)) {
      writeFileSync(join(folder, name), stage.fill(text) as string);
    }
    await stage.#startProxy(theCase);
    return stage;
  }

  async #startProxy({ faults, random_cuts: random }: Case): Promise<void> {
    this.#proxy = await FaultProxy.start({
      target: (this.gateway ?? this.scripted!).url,
      faults: random === undefined ? faults : [...faults, ...randomCuts(random)],
      onRequest: (message) => {
        if (this.gateway !== undefined) this.#requests.push(decodedRequest(message));
      },
    });
    // The scripted server has read the request only after it passed the proxy.
    if (this.scripted !== undefined) this.scripted.onRequest = () => this.proxy.emit("change");
  }

  get proxy(): FaultProxy {
    return this.#proxy!;
  }

  /** What the SDK asked for, in order, as ProtoJSON. */
  get requests(): readonly unknown[] {
    return this.scripted === undefined ? this.#requests : this.scripted.requests.map(({ message }) => message);
  }

  async publish(groups: readonly Group[]): Promise<void> {
    if (groups.length > 0) this.cursors.push(...(await publish(this.gateway!.url, this.tenant, groups)));
  }

  /** The gateway was started: where it is, and its epoch. */
  async learn(): Promise<void> {
    const { epoch, oldestCursor } = await logInfo(this.gateway!.url, this.tenant);
    this.#epoch = epoch;
    this.#oldest = oldestCursor;
    this.#proxy?.setTarget(this.gateway!.url);
  }

  async #learnTimes(text: string): Promise<void> {
    for (const [, number] of text.matchAll(/\{\{time:(\d+)\}\}/g)) {
      const cursor = this.cursors[Number(number) - 1]!;
      this.#times.set(Number(number), await receivedTime(this.gateway!.url, this.tenant, cursor));
    }
  }

  /** The offset of the n-th published event; of a scripted server, n itself, which may have more digits than a number holds. */
  offsetOf(number: number | string): string {
    if (this.scripted !== undefined) return String(number);
    return this.cursors[Number(number) - 1]?.split("-")[1] ?? `(event ${number} was not published)`;
  }

  #cursorOf(number: number): string {
    if (number === 0) return `${this.#epoch}-0`;
    return this.scripted === undefined ? (this.cursors[number - 1] ?? "(not published)") : `${scriptedEpoch}-${number}`;
  }

  /**
   * Puts values in place of `{{epoch}}`, `{{oldest}}`, `{{tenant}}`, `{{dir}}`, `{{cursor:N}}` and `{{time:N}}`, N being the number
   * of an event.
   */
  fill(value: unknown): unknown {
    if (typeof value === "string") {
      return value.replace(/\{\{(\w+)(?::(\d+))?\}\}/g, (whole, name: string, number: string) => {
        const plain: Record<string, string> = {
          epoch: this.#epoch,
          oldest: this.#oldest,
          tenant: this.tenant,
          dir: this.folder,
        };
        if (name === "cursor") return this.#cursorOf(Number(number));
        if (name === "time") return this.#times.get(Number(number)) ?? whole;
        return plain[name] ?? whole;
      });
    }
    if (Array.isArray(value)) return value.map((item) => this.fill(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [this.fill(key) as string, this.fill(inner)]),
    );
  }

  async dispose(): Promise<void> {
    await this.#proxy?.close();
    await this.scripted?.close();
    if (this.#ownsGateway) await this.gateway!.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Requests of other methods look like anything; only those of Subscribe are compared. */
function decodedRequest(message: Buffer): JsonValue {
  try {
    return toJson(SubscribeRequestSchema, fromBinary(SubscribeRequestSchema, message));
  } catch {
    return null;
  }
}
