/**
 * Reads vitest's JSON report for scripts/test.sh: prints "PASSED FAILED" and writes the names of skipped tests to a file.
 * A file that could not be run, and a run without a report, count as one failure, so that nothing fails unseen.
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

const [reportPath = "", exitStatus = "1", skippedPath = ""] = process.argv.slice(2);
const report: Report = existsSync(reportPath)
  ? (JSON.parse(readFileSync(reportPath, "utf8")) as Report)
  : { testResults: [] };

let passed = 0;
let failed = 0;
const skipped: string[] = [];
for (const file of report.testResults) {
  const failedBefore = failed;
  for (const test of file.assertionResults) {
    if (test.status === "passed") passed++;
    else if (test.status === "failed") failed++;
    else skipped.push(`${relative(process.cwd(), file.name)}: ${test.fullName}`);
  }
  if (file.status === "failed" && failed === failedBefore) failed++;
}
if (exitStatus !== "0" && failed === 0) failed = 1;

writeFileSync(skippedPath, skipped.map((name) => `${name}\n`).join(""));
process.stdout.write(`${passed} ${failed}\n`);
