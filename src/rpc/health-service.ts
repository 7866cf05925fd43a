/** The standard health service: the whole gateway (`""`) and each service, serving while the log takes input. */
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { type Health, HealthCheckResponse_ServingStatus as Status } from "../../gen/ts/grpc/health/v1/health_pb.ts";

export class HealthStatus {
  readonly #services: ReadonlySet<string>;
  readonly #watchers = new Set<() => void>();
  #serving = true;

  /** @param services full names of the services beside `""` */
  constructor(services: readonly string[]) {
    this.#services = new Set(["", ...services]);
  }

  setServing(serving: boolean): void {
    if (serving === this.#serving) return;
    this.#serving = serving;
    for (const changed of [...this.#watchers]) changed();
  }

  statusOf(service: string): Status {
    if (!this.#services.has(service)) return Status.SERVICE_UNKNOWN;
    return this.#serving ? Status.SERVING : Status.NOT_SERVING;
  }

  /** Resolves at the next change, or when the signal aborts. */
  async changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watchers.add(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    this.#watchers.delete(resolve);
  }

  get names(): string[] {
    return [...this.#services];
  }
}

async function* watch(health: HealthStatus, service: string, { signal }: HandlerContext) {
  let last: Status | undefined;
  while (!signal.aborted) {
    const status = health.statusOf(service);
    if (status !== last) yield { status };
    last = status;
    await health.changed(signal);
  }
}

export function healthService(health: HealthStatus): Partial<ServiceImpl<typeof Health>> {
  return {
    check({ service }) {
      const status = health.statusOf(service);
      if (status === Status.SERVICE_UNKNOWN) {
        throw new ConnectError(`no service ${JSON.stringify(service.slice(0, 128))}`, Code.NotFound);
      }
      return { status };
    },
    watch: ({ service }, context) => watch(health, service, context),
    list: () => ({
      statuses: Object.fromEntries(health.names.map((name) => [name, { status: health.statusOf(name) }])),
    }),
  };
}
