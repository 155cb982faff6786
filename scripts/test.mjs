// `npm test`: every check of the workspace, then one line with the count. `npm test -- nn` runs the tests of one
// package only, with vitest's own output; what follows the name goes to vitest.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fail, setup, shell, workspaceFolders } from "./setup.mjs";

const checks = {
  lint: ["biome", "check", "--error-on-warnings"],
  types: ["tsc", "-b"],
  layers: ["depcruise", "-T", "err-long", "{packages,apps}/*/{src,test,web,.vitepress}"],
  unused: ["knip", "--no-progress"],
  build: ["turbo", "run", "build", "--output-logs=errors-only"],
  tests: ["turbo", "run", "test", "--continue", "--output-logs=errors-only"],
  package: ["turbo", "run", "package", "--continue", "--output-logs=errors-only"],
};
const count = { passed: 0, failed: 0, skipped: 0 };

setup();
const [name, ...vitestArguments] = process.argv.slice(2);
if (name === undefined) runAll();
else runOne(name, vitestArguments);
if (count.skipped > 0) console.log(`\n${count.skipped} skipped, for the reasons above`);
console.log(`\n${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed > 0 ? 1 : 0;

function runAll() {
  for (const [check, [command, ...args]] of Object.entries(checks)) {
    if (check === "tests") {
      countTests(workspaceFolders(), () => run(check, command, args));
    } else {
      const passed = run(check, command, args);
      count[passed ? "passed" : "failed"]++;
    }
  }
}

function runOne(name, args) {
  const folder = workspaceFolders().find((folder) => folder.endsWith(`/${name}`));
  if (!folder) fail(`no package or app is called ${name}`);
  const options = { cwd: folder, stdio: "inherit", shell };
  countTests([folder], () => spawnSync("vitest", ["run", ...args], options).status === 0);
}

/** Runs one command, prints one line about it, and its output if it failed. */
function run(check, command, args) {
  process.stdout.write(check.padEnd(9));
  const start = performance.now();
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28, shell });
  const passed = result.status === 0;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${passed ? "ok" : "FAILED"} ${seconds.padStart(passed ? 8 : 4)} s`);
  if (!passed) console.log(`\n${result.error ?? ""}${result.stdout ?? ""}${result.stderr ?? ""}`);
  return passed;
}

/** Adds the counts that vitest left in the folders; one that left none has crashed. */
function countTests(folders, runTests) {
  const reportOf = (folder) => join(folder, "reports/count.json");
  // A report found after the run is then of this run (turbo brings back those of cached runs).
  for (const folder of folders) rmSync(reportOf(folder), { force: true });
  const succeeded = runTests();
  const failedBefore = count.failed;
  for (const folder of folders) {
    const report = existsSync(reportOf(folder))
      ? JSON.parse(readFileSync(reportOf(folder), "utf8"))
      : { passed: 0, failed: 1, skipped: 0 };
    for (const outcome of Object.keys(count)) count[outcome] += report[outcome];
    const failed = report.failed > 0 ? `, ${report.failed} FAILED` : "";
    console.log(`  ${folder.padEnd(18)} ${report.passed} ok${failed}`);
    // Of one package vitest has told already, and all that `-t` leaves out counts as skipped.
    if (name === undefined)
      for (const skip of report.skips ?? []) console.log(`    skipped: ${skip}`);
  }
  if (!succeeded && count.failed === failedBefore) count.failed++;
}
