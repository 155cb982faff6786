/** `npm run fuzz -- --count 10000 --seed 0`: random programs on both builds against the reference. */
import { createTuned } from "../../src/create.ts";
import { numbersOrExit } from "../numbers.ts";
import { check, shrink, type Tally } from "./check.ts";
import { show } from "./program.ts";
import { randomProgram } from "./random-programs.ts";

const { count, seed, failures, threads } = numbersOrExit(
  "npm run fuzz",
  "Random programs on both WebAssembly builds, compared with the reference backend call by call.",
  {
    count: { value: 10_000, about: "how many programs" },
    seed: { value: 0, about: "number of the first program", least: 0 },
    failures: { value: 1, about: "failures after which it stops" },
    threads: { value: 1, about: "threads of a backend" },
  },
);

const tally: Tally = { steps: 0, equal: 0, close: 0, unknown: 0 };
const backends = [false, true].map(
  // Threads share small calls as well.
  (deterministic) =>
    [deterministic, createTuned({ deterministic, threads }, { grainScale: 0 }).backend] as const,
);
let failed = 0;
let ran = 0;
const isShown = process.stderr.isTTY;
for (let i = seed; i < seed + count && failed < failures; i++) {
  if (isShown && ran % 100 === 0) process.stderr.write(`\r${ran} of ${count} programs`);
  ran++;
  const program = randomProgram(i);
  for (const [deterministic, backend] of backends) {
    const difference = check(program, backend, tally);
    if (difference === null) continue;
    failed++;
    console.log(`program ${i}, x${difference.step}: ${difference.message}`);
    console.log(show(shrink(program, backend), deterministic));
    break;
  }
}
if (isShown) process.stderr.write("\r\x1b[K");
console.log(
  `${ran} programs, ${tally.steps} steps, elements: ${tally.equal} equal, ${tally.close} close, ${tally.unknown} unknown; ${failed} failed`,
);
process.exitCode = failed > 0 ? 1 : 0;
