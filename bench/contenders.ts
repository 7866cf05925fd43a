/** The gateway and its peers, as they are started. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Contender, Protocol, Running } from "./contender.ts";
import { ServerProcess } from "./server-process.ts";
import { benchPeer, natsServer } from "./toolchain.ts";

const local = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

function running(process: ServerProcess, protocol: Protocol, address: string): Running {
  return { process, protocol, address };
}

/** The gateway by its executable, as users start it. */
export async function startGateway(folder: string, env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const args = ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder];
  const ready = /"url":"http:\/\/([^"]+)".*"ready"/;
  const process = await ServerProcess.start(local("../bin/callwire.js"), args, ready, {
    CALLWIRE_LOG_FORMAT: "json",
    ...env,
  });
  return running(process, "grpc", process.said);
}

export const callwire: Contender = { name: "callwire", start: (folder) => startGateway(folder) };

const listening = /listening on http:\/\/(\S+)/;

function script(name: string, file: string): Contender {
  return {
    name,
    async start() {
      const server = await ServerProcess.start(process.execPath, [local(file)], listening);
      return running(server, "grpc", server.said);
    },
  };
}

export const connectHandler = script("Connect handler", "peers/connect-handler.ts");
export const grpcJs = script("grpc-js server", "peers/grpc-js-server.ts");

function grpcGoServer(name: string, flags: string[]): Contender {
  return {
    name,
    needs: "go",
    async start() {
      const server = await ServerProcess.start(benchPeer, ["serve", ...flags], listening);
      return running(server, "grpc", server.said);
    },
  };
}

export const grpcGo = grpcGoServer("grpc-go", []);
export const grpcGoPrepared = grpcGoServer("grpc-go, PreparedMsg", ["-prepared"]);
export const grpcGoIndex = grpcGoServer("grpc-go, index", ["-prepared", "-index"]);

const natsReady = /client connections on (\S+)[\s\S]*Server is ready/;

export const nats: Contender = {
  name: "NATS core",
  needs: "go",
  async start() {
    const server = await ServerProcess.start(natsServer, ["-a", "127.0.0.1", "-p", "-1"], natsReady);
    return running(server, "nats", server.said);
  },
};

function jetStreamServer(name: string, syncInterval: string): Contender {
  return {
    name,
    needs: "go",
    async start(folder) {
      const config = join(folder, "nats.conf");
      writeFileSync(config, `jetstream { store_dir: "${folder}", sync_interval: ${syncInterval} }\n`);
      const args = ["-a", "127.0.0.1", "-p", "-1", "-c", config];
      const server = await ServerProcess.start(natsServer, args, natsReady);
      return running(server, "jetstream", server.said);
    },
  };
}

/** Durable before the answer, as the gateway is. */
export const jetStream = jetStreamServer("JetStream, sync always", "always");
/** For what only reads: it is filled in a fraction of the time, and what it reads is the same. */
export const jetStreamReading = jetStreamServer("JetStream", '"2m"');

/** For what cannot choose a free port and say which. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export const redis: Contender = {
  name: "Redis Streams, fsync always",
  needs: "redis-server",
  async start(folder) {
    const port = await freePort();
    const settings = { port, bind: "127.0.0.1", dir: folder, appendonly: "yes", appendfsync: "always", save: "" };
    const args = Object.entries({ ...settings, "auto-aof-rewrite-percentage": 0 });
    const flags = args.flatMap(([name, value]) => [`--${name}`, String(value)]);
    const server = await ServerProcess.start("redis-server", flags, /Ready to accept connections/);
    return running(server, "redis", `127.0.0.1:${port}`);
  },
};

export const etcd: Contender = {
  name: "etcd",
  needs: "etcd",
  async start(folder) {
    const url = `http://127.0.0.1:${await freePort()}`;
    const peerUrl = `http://127.0.0.1:${await freePort()}`;
    const clients = ["--listen-client-urls", url, "--advertise-client-urls", url];
    const cluster = ["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl];
    const members = ["--initial-cluster", `default=${peerUrl}`, "--quota-backend-bytes", String(8 * 1024 ** 3)];
    const args = ["--data-dir", folder, ...clients, ...cluster, ...members];
    const server = await ServerProcess.start("etcd", args, /ready to serve client requests/);
    return running(server, "etcd", new URL(url).host);
  },
};
