/**
 * Reads vitest's JSON report for scripts/test.sh: prints "PASSED FAILED" and writes the names of skipped tests to
 * a file, and those of failed ones to another. A file that could not be run, an error outside of all tests, and a run without a report
 * count as one failure, so that nothing fails unseen.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";

interface Report {
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

const [reportPath = "", exitStatus = "1", skippedPath = "", failedPath = ""] = process.argv.slice(2);
const report: Report = existsSync(reportPath)
  ? (JSON.parse(readFileSync(reportPath, "utf8")) as Report)
  : { testResults: [] };

let passed = 0;
let failed = 0;
const skipped: string[] = [];
const failing: string[] = [];
for (const file of report.testResults) {
  const failedBefore = failed;
  const path = relative(process.cwd(), file.name);
  for (const test of file.assertionResults) {
    if (test.status === "passed") passed++;
    else if (test.status === "failed") {
      failed++;
      failing.push(`${path}: ${test.fullName}`);
    } else skipped.push(`${path}: ${test.fullName}`);
  }
  if (file.status === "failed" && failed === failedBefore) {
    failed++;
    failing.push(`${path}: could not be run`);
  }
}
if (exitStatus !== "0" && failed === 0) {
  failed = 1;
  failing.push("the run of the tests: an error outside of them, see above");
}

function writeNames(to: string, names: readonly string[]): void {
  writeFileSync(to, names.map((name) => `${name}\n`).join(""));
}
writeNames(skippedPath, skipped);
writeNames(failedPath, failing);
process.stdout.write(`${passed} ${failed}\n`);
