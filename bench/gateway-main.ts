/** The gateway as the benchmarks start it: default configuration, a free port, the data folder of the first argument. */
import { loadConfig } from "../src/config/load-config.ts";
import { startGateway } from "../src/server/gateway.ts";

const config = loadConfig({
  flags: { listen: "127.0.0.1:0", dataDir: process.argv[2]!, logLevel: "warn" },
  env: {},
});
const gateway = await startGateway(config);
process.on("SIGTERM", () => void gateway.close().then(() => process.exit(0)));
console.log(`listening on ${gateway.url}`);
