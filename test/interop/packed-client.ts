/** The TypeScript client as its users get it: packed, unpacked into a folder outside of the repository, and bundled for a page. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { build } from "vite";

const root = join(import.meta.dirname, "../..");
const dependencies = ["@bufbuild", "@connectrpc"];

/** The text of a module that holds a page's script, the client and what that needs. */
export async function bundle(page: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "callwire-page-"));
  try {
    unpackClient(folder);
    copyFileSync(page, join(folder, "page.js"));
    const built = await build({
      root: folder,
      configFile: false,
      logLevel: "error",
      build: { write: false, lib: { entry: "page.js", formats: ["es"] } },
    });
    const [output] = Array.isArray(built) ? built : [built];
    if (output === undefined || !("output" in output)) throw new Error("the page was not built");
    return output.output[0].code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unpackClient(folder: string): void {
  const bin = join(root, "node_modules/.bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const options = { cwd: join(root, "sdk/typescript"), env, encoding: "utf8" } as const;
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], options).trim();
  const client = join(folder, "node_modules/@callwire/client");
  mkdirSync(client, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, packed.split("\n").at(-1)!), "-C", client, "--strip-components=1"]);
  for (const name of dependencies) symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
}
