/** `npm run fuzz -- --count 10000 --seed 0`: random programs on both builds against the reference. */
import { parseArgs } from "node:util";
import { createTuned } from "../../src/create.ts";
import { check, shrink, type Tally } from "./check.ts";
import { show } from "./program.ts";
import { randomProgram } from "./random-programs.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000" },
    seed: { type: "string", default: "0" },
    /** After so many it stops. */
    failures: { type: "string", default: "1" },
    threads: { type: "string", default: "1" },
  },
});
const { count, seed, failures, threads } = Object.fromEntries(
  Object.entries(values).map(([name, value]) => [name, Number(value)]),
) as Record<keyof typeof values, number>;

const tally: Tally = { steps: 0, equal: 0, close: 0, unknown: 0 };
const backends = [false, true].map(
  // Threads share small calls as well.
  (deterministic) =>
    [deterministic, createTuned({ deterministic, threads }, { grainScale: 0 }).backend] as const,
);
let failed = 0;
for (let i = seed; i < seed + count && failed < failures; i++) {
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
console.log(
  `${count} programs, ${tally.steps} steps, elements: ${tally.equal} equal, ${tally.close} close, ${tally.unknown} unknown; ${failed} failed`,
);
process.exitCode = failed > 0 ? 1 : 0;
