/** docs/dependencies.md gives a reason for every dependency, and the lock file a hash. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const packageJson = JSON.parse(read("package.json")) as Record<
  "dependencies" | "devDependencies",
  Record<string, string>
>;

function named(heading: string): Map<string, string> {
  const section = read("docs/dependencies.md").split(`## ${heading}\n`)[1]!.split("\n## ")[0]!;
  return new Map([...section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map((row) => [row[1]!, row[2]!]));
}

it.each([
  ["At run time", "dependencies"],
  ["To develop", "devDependencies"],
] as const)("%s: each has a reason, and none is listed that is not there", (heading, key) => {
  const reasons = named(heading);
  expect([...reasons.keys()].sort()).toEqual(Object.keys(packageJson[key]).sort());
  for (const reason of reasons.values()) expect(reason.length).toBeGreaterThan(4);
});

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name!);
}

const section = (text: string, begin: RegExp, end: RegExp): string => text.split(begin)[1]!.split(end)[0]!;

/** What an application gets with the client of each language, by its manifest. */
const clients: Record<string, () => string[]> = {
  TypeScript: () => {
    const { dependencies, peerDependencies } = JSON.parse(read("sdk/typescript/package.json"));
    return Object.keys({ ...dependencies, ...peerDependencies });
  },
  Go: () => all(section(read("sdk/go/go.mod"), /^require \(/m, /^\)/m), /^\t(\S+) v/gm),
  Python: () => all(section(read("sdk/python/pyproject.toml"), /^dependencies = \[/m, /^\]/m), /"([\w-]+)/g),
  Java: () =>
    all(section(read("sdk/java/pom.xml"), /<\/dependencyManagement>/, /<build>/), /<dependency>(.*?)<\/dependency>/gs)
      .filter((dependency) => !dependency.includes("<scope>test</scope>"))
      .flatMap((dependency) => all(dependency, /<artifactId>(.+?)</g)),
  Rust: () => all(section(read("sdk/rust/Cargo.toml"), /^\[dependencies\]/m, /^\[/m), /^([\w-]+) = /gm),
};

it.each(Object.keys(clients))("the %s client: each has a reason, and none is listed that is not there", (language) => {
  const listed = all(read("docs/dependencies.md"), new RegExp(`^\\| ${language} \\| \`(.+?)\` \\| .{4,} \\|$`, "gm"));
  expect(listed.sort()).toEqual(clients[language]!().sort());
});

it("versions are exact, and everything that is installed has a hash", () => {
  for (const version of Object.values({ ...packageJson.dependencies, ...packageJson.devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
  const lock = JSON.parse(read("package-lock.json")) as {
    packages: Record<string, { integrity?: string; link?: boolean }>;
  };
  const withoutHash = Object.entries(lock.packages).filter(
    ([path, { integrity, link }]) => path !== "" && !link && integrity === undefined,
  );
  expect(withoutHash.map(([path]) => path).filter((path) => path.includes("node_modules/"))).toEqual([]);
});
