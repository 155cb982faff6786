// The course's own results, reached from the command line: `npm run course`, after a build. Takes minutes.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const hw0 = ["--lr", "0.2", "--batch-size", "100", "--no-shuffle"];
let failures = 0;

const softmax = { trainLoss: 0.27887, trainError: 0.07847, testLoss: 0.28442, testError: 0.0797 };
compare(run("--model", "softmax-by-hand", "--epochs", "10", ...hw0), softmax, 1e-4);
compare(run("--model", "softmax", "--epochs", "10", ...hw0), softmax, 1e-4);

const mlp = ["--epochs", "1", ...hw0];
const byHand = run("--model", "mlp-by-hand", ...mlp);
compare(run("--model", "mlp", "--no-bias", "--optimizer", "sgd", ...mlp), byHand, 1e-5);

const { testError } = run();
check(`the default run ends with at most 3 % test error: ${testError}`, testError <= 0.03);
process.exitCode = failures > 0 ? 1 : 0;

/** What the last epoch of a run printed. */
function run(...flags) {
  console.log(`needle-mnist ${flags.join(" ")}`);
  const { stdout } = spawnSync(process.execPath, [program, "--json", ...flags], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const last = stdout.trimEnd().split("\n").at(-1);
  console.log(`  ${last}`);
  return JSON.parse(last);
}

function compare(found, expected, tolerance) {
  for (const name of ["trainLoss", "trainError", "testLoss", "testError"]) {
    const close = Math.abs(found[name] - expected[name]) <= tolerance;
    check(`${name} is ${expected[name]} within ${tolerance}`, close);
  }
}

function check(claim, holds) {
  console.log(`  ${holds ? "ok    " : "FAILED"} ${claim}`);
  if (!holds) failures++;
}
