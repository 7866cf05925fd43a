/** The pages that are followed, and where their reader stands. */
import { basename } from "node:path";

export interface Page {
  /** From the root of the repository. */
  path: string;
  /** An empty folder, or a checkout. */
  folder: "empty" | "checkout";
  /** The SDK whose toolchain it takes. */
  language?: Language;
  /** Its programs are run in the folders of the SDKs' pages, where their packages are. */
  ofAllLanguages?: true;
  /** A page whose commands come before, with the same gateway. */
  after?: string;
  /** The page installs the gateway, so that `callwire` is not there before. */
  installsGateway?: true;
}

export type Language = "typescript" | "go" | "python" | "java" | "rust";

interface LanguageOfBlocks {
  language: Language;
  /** The word after the fence. */
  fence: string;
  /** How a program is run in the folder of its SDK's page, when a page of several languages has it. */
  run(file: string): string;
}

export const languages: readonly LanguageOfBlocks[] = [
  { language: "typescript", fence: "ts", run: (file) => `node ${file}` },
  { language: "go", fence: "go", run: (file) => `go run ${file}` },
  { language: "python", fence: "python", run: (file) => `.venv/bin/python ${file}` },
  { language: "java", fence: "java", run: (file) => `java -cp 'lib/*' ${file}` },
  { language: "rust", fence: "rust", run: (file) => `cargo run --quiet --bin ${basename(file, ".rs")}` },
];

const callToTry = "docs/sdks.md";

export const pages: readonly Page[] = [
  ...languages.map(
    ({ language }): Page => ({ path: `docs/sdk-${language}.md`, folder: "empty", language, after: callToTry }),
  ),
  { path: "README.md", folder: "checkout", ofAllLanguages: true },
  { path: callToTry, folder: "checkout" },
  { path: "docs/subscribing.md", folder: "checkout", after: callToTry },
  { path: "docs/calls.md", folder: "checkout", after: callToTry },
  { path: "docs/sending.md", folder: "checkout" },
  { path: "docs/operating.md", folder: "empty", installsGateway: true },
  { path: "docs/configuration.md", folder: "checkout" },
  { path: "docs/security.md", folder: "empty" },
  { path: "docs/testing.md", folder: "empty", installsGateway: true },
  { path: "docs/contributing.md", folder: "checkout" },
  { path: "docs/conformance.md", folder: "checkout" },
  { path: "docs/performance.md", folder: "checkout" },
];
