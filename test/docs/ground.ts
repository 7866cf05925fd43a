/** The ground that a page is followed on: its folder, the environment of its shell, and the gateway that its reader has started. */
import { constants, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { GatewayProcess } from "../conformance/gateway-process.ts";
import { freePort } from "./free-port.ts";
import type { Page } from "./pages.ts";

/** Where the gateway listens, as the pages write it. */
const writtenAddress = "127.0.0.1:7450";
const furtherAddress = /127\.0\.0\.1:745[1-9]/g;

/** What a checkout has that commands could change: readers' files are never written there. */
const leftOut: ReadonlySet<string> = new Set([".git", "data", "dist"]);

/** None is left behind, however the run ends. */
const bases = new Set<string>();
process.once("exit", () => {
  for (const base of bases) rmSync(base, { recursive: true, force: true });
});

export class Ground {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #gateway: GatewayProcess;
  /** Addresses of the page by those that are really used. */
  readonly #addresses = new Map<string, string>();
  readonly #base: string;

  private constructor(base: string, folder: string, env: NodeJS.ProcessEnv, gateway: GatewayProcess) {
    this.#base = base;
    this.folder = folder;
    this.env = env;
    this.#gateway = gateway;
    this.#addresses.set(writtenAddress, new URL(gateway.url).host);
  }

  static async prepare(root: string, page: Page): Promise<Ground> {
    const kind = page.folder;
    const base = mkdtempSync(join(tmpdir(), "callwire-docs-"));
    bases.add(base);
    const folder = join(base, kind === "checkout" ? "callwire" : "work");
    mkdirSync(folder);
    if (kind === "checkout") {
      for (const name of readdirSync(root).filter((one) => !leftOut.has(one))) {
        symlinkSync(join(root, name), join(folder, name));
      }
    }
    const gateway = new GatewayProcess(root, join(base, "gateway"), {});
    await gateway.start();
    const env = { ...environment(root, base, page), CALLWIRE_GATEWAY: gateway.url };
    return new Ground(base, folder, env, gateway);
  }

  /** The text with the addresses of this run in place of those that the page has. */
  async addressed(text: string): Promise<string> {
    for (const [written] of text.matchAll(furtherAddress)) {
      if (!this.#addresses.has(written)) this.#addresses.set(written, `127.0.0.1:${await freePort()}`);
    }
    let addressed = text;
    for (const [written, real] of this.#addresses) addressed = addressed.replaceAll(written, real);
    return addressed;
  }

  async dispose(): Promise<void> {
    await this.#gateway.dispose();
    rmSync(this.#base, { recursive: true, force: true });
    bases.delete(this.#base);
  }
}

/** Of Maven's repository: what the machine has loaded already, and nothing of Callwire. */
function mavenRepository(base: string): string {
  const copy = join(base, "maven");
  const loaded = join(homedir(), ".m2/repository");
  if (existsSync(loaded)) cpSync(loaded, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
  rmSync(join(copy, "io/callwire"), { recursive: true, force: true });
  return copy;
}

/** A user's: Node 24 and the toolchains, nothing of the repository's own tools, packages installed globally in a prefix of its own. */
function environment(
  root: string,
  base: string,
  { language, ofAllLanguages, installsGateway }: Page,
): NodeJS.ProcessEnv {
  const tools = join(base, "tools");
  const prefix = join(base, "global");
  mkdirSync(tools);
  symlinkSync(process.execPath, join(tools, "node"));
  if (!installsGateway) symlinkSync(join(root, "bin/callwire.js"), join(tools, "callwire"));
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules/.bin"));
  return {
    ...process.env,
    PATH: [join(prefix, "bin"), tools, ...path].join(delimiter),
    npm_config_prefix: prefix,
    CALLWIRE: root,
    ...(language === "java" ? { MAVEN_OPTS: `-Dmaven.repo.local=${mavenRepository(base)}` } : {}),
    // Compiled dependencies are shared with the SDK's own build where versions agree.
    ...(language === "rust" || ofAllLanguages ? { CARGO_TARGET_DIR: join(root, "sdk/rust/target") } : {}),
  };
}
