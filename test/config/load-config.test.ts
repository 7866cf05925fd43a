/** Defaults, what wins over what, and where the gateway may listen. */
import { describe, expect, test } from "vitest";
import { noQuotas } from "../../src/config/access.ts";
import { defaultLimits } from "../../src/config/limits.ts";
import { isLoopback, loadConfig } from "../../src/config/load-config.ts";
import { defaultSessionTimes } from "../../src/config/session-times.ts";
import { configOf, fileWith, problemsOf } from "./given-config.ts";

const open = { id: "ccai", auth: undefined, allowAddresses: undefined, onQuarantine: "refuse" };
const defaults = {
  listen: { host: "127.0.0.1", port: 7450 },
  dataDir: "./data",
  tenants: [
    {
      id: "default",
      sources: [open, { ...open, id: "ccai-external" }],
      sessionTimes: defaultSessionTimes,
      quotas: noQuotas,
    },
  ],
  credentials: [],
  tokens: [],
  masks: {},
  tls: undefined,
  trustedProxies: [],
  audit: { receipts: false },
  warnings: [],
  limits: defaultLimits,
  cors: { allowedOrigins: [] },
  retentionMs: undefined,
  log: { level: "info", format: "auto" },
  allowAnonymous: false,
};

test.each([
  ["no file", () => loadConfig({ flags: {}, env: {} })],
  ["an empty file", () => configOf("")],
  ["a file of comments", () => configOf("# listen: 0.0.0.0:80\n---\n")],
])("%s gives the defaults", (_, load) => {
  const { files: _files, ...config } = load();
  expect(config).toEqual(defaults);
});

test("every key of the file is read", () => {
  const config = configOf(`
listen: "[::1]:0"
data_dir: /tmp/x
tenants: [{id: acme, sources: [{id: qm, on_quarantine: accept}], sessions: {wrap_up: 5m}}]
sessions: {expire_after: 6h, wrap_up: 1h}
cors: {allowed_origins: ["https://QM.example.com/", "http://localhost:3000"]}
journal: {retention: {max_age: 30d}}
log: {level: warn, format: json}
limits: {max_filters: 7}
`);
  expect(config).toMatchObject({
    listen: { host: "::1", port: 0 },
    dataDir: "/tmp/x",
    tenants: [
      {
        id: "acme",
        sources: [{ id: "qm", auth: undefined, onQuarantine: "accept" }],
        sessionTimes: { ...defaultSessionTimes, expireAfterMs: 6 * 3_600_000, wrapUpMs: 300_000 },
      },
    ],
    limits: { ...defaultLimits, maxFilters: 7 },
    cors: { allowedOrigins: ["https://qm.example.com", "http://localhost:3000"] },
    retentionMs: 30 * 86_400_000,
    log: { level: "warn", format: "json" },
    allowAnonymous: false,
  });
});

describe("flags win over the environment, and that over the file", () => {
  const yaml = "listen: 127.0.0.1:1\ndata_dir: file\nlog: {level: warn, format: text}";
  const env = { CALLWIRE_LISTEN: "127.0.0.1:2", CALLWIRE_DATA_DIR: "env", CALLWIRE_LOG_LEVEL: "error" };
  const flags = { listen: "127.0.0.1:3", dataDir: "flag", logLevel: "fatal" };
  test.each([
    ["the file", {}, 1, "file", "warn"],
    ["the environment", { env }, 2, "env", "error"],
    ["flags", { env, flags }, 3, "flag", "fatal"],
  ])("%s", (_, given, port, dataDir, level) => {
    expect(configOf(yaml, given)).toMatchObject({ listen: { port }, dataDir, log: { level, format: "text" } });
  });

  test("CALLWIRE_CONFIG names the file unless --config does", () => {
    const byEnv = fileWith("data_dir: a", "a.yaml");
    const byFlag = fileWith("data_dir: b", "b.yaml");
    expect(loadConfig({ flags: {}, env: { CALLWIRE_CONFIG: byEnv } }).dataDir).toBe("a");
    expect(loadConfig({ flags: { config: byFlag }, env: { CALLWIRE_CONFIG: byEnv } }).dataDir).toBe("b");
  });

  test("what they give is checked like the file", () => {
    expect(problemsOf("", { env: { CALLWIRE_LOG_LEVEL: "loud" } })[0]).toMatch(/^log\.level: .*"trace"/);
    expect(problemsOf("", { flags: { listen: "nowhere" } })).toEqual([
      'listen: "nowhere" is not HOST:PORT, for example 127.0.0.1:7450',
    ]);
  });

  test("they do not hide that the file is wrong", () => {
    for (const log of ["info", "[info]", "null"]) {
      expect(problemsOf(`log: ${log}`, { env: { CALLWIRE_LOG_FORMAT: "json" } }), log).toEqual([
        expect.stringMatching(/^log: not a mapping/),
      ]);
    }
  });
});

test("a variable that nobody reads is an error that names the nearest", () => {
  expect(problemsOf("", { env: { CALLWIRE_LISTN: "x", CALLWIRE_GATEWAY: "http://x", PATH: "/bin" } })).toEqual([
    "environment: CALLWIRE_LISTN is not known; did you mean CALLWIRE_LISTEN?",
  ]);
});

describe("listening", () => {
  test.each([
    "127.0.0.1:7450",
    "127.9.9.9:65535",
    "localhost:0",
    "LOCALHOST:1",
    "[::1]:7450",
  ])("%s is this machine", (listen) => expect(isLoopback(configOf("", { flags: { listen } }).listen.host)).toBe(true));

  const elsewhere = [
    "0.0.0.0:7450",
    "[::]:7450",
    "10.0.0.1:1",
    "qm.example.com:1",
    "127.0.0.1.example.com:1",
    "127.1.1.999:1",
  ];
  test.each(elsewhere)("%s is refused without credentials", (listen) => {
    const [problem, ...others] = problemsOf("", { flags: { listen } });
    expect(problem).toContain("--allow-anonymous");
    expect(others).toEqual([]);
    expect(configOf("", { flags: { listen, allowAnonymous: true } }).allowAnonymous).toBe(true);
    expect(configOf("", { flags: { listen }, env: { CALLWIRE_ALLOW_ANONYMOUS: "true" } }).allowAnonymous).toBe(true);
  });

  test("sources with a password do not open the RPCs", () => {
    const yaml =
      "tenants: [{id: a, sources: [{id: b, auth: {basic: {username: u, password: {env: P}}}}]}]\nlisten: 0.0.0.0:1";
    expect(problemsOf(yaml, { env: { P: "x" } })[0]).toContain("--allow-anonymous");
  });

  test.each([
    "",
    "7450",
    ":7450",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:65536",
    "::1:7450",
    "127.0.0.1:-1",
    "a b:1",
  ])("%j is not HOST:PORT", (listen) =>
    expect(problemsOf("", { flags: { listen } })).toEqual([expect.stringContaining("is not HOST:PORT")]));
});

describe("CALLWIRE_ALLOW_ANONYMOUS", () => {
  test.each([
    ["true", true],
    ["1", true],
    ["false", false],
    ["0", false],
    ["", false],
  ])("%j", (text, allowed) =>
    expect(configOf("", { env: { CALLWIRE_ALLOW_ANONYMOUS: text } }).allowAnonymous).toBe(allowed));
  test("anything else is an error", () =>
    expect(problemsOf("", { env: { CALLWIRE_ALLOW_ANONYMOUS: "yes" } })).toEqual([
      'environment: CALLWIRE_ALLOW_ANONYMOUS is "yes", neither true nor false',
    ]));
});

test.each([
  "*",
  "qm.example.com",
  "https://qm.example.com/console",
  "ftp://x",
  "https://u:p@x.com",
  "javascript:x",
])("%j is no origin of a page", (origin) =>
  expect(problemsOf(JSON.stringify({ cors: { allowed_origins: [origin] } }))).toEqual([
    `cors.allowed_origins.0: ${JSON.stringify(origin)} is not an origin, for example https://qm.example.com`,
  ]));

test("the configuration is frozen in depth", () => {
  const config = configOf("cors: {allowed_origins: [http://a.example]}", { env: {} });
  const parts: unknown[] = [config];
  for (const part of parts) {
    if (typeof part !== "object" || part === null) continue;
    expect(Object.isFrozen(part)).toBe(true);
    parts.push(...Object.values(part));
  }
  expect(parts.length).toBeGreaterThan(30);
});
