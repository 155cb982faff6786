/** `npm run fuzz -- --count 10000 --seed 0`: random programs on both builds against the reference. */
import { parseArgs } from "node:util";
import { createWasmBackendSync } from "../../src/index.ts";
import { check, shrink, type Tally } from "./check.ts";
import { show } from "./program.ts";
import { randomProgram } from "./random-programs.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000" },
    seed: { type: "string", default: "0" },
    failures: { type: "string", default: "1" },
  },
});
const [count, seed, failures] = [values.count, values.seed, values.failures].map(Number) as [
  number,
  number,
  number,
];

const tally: Tally = { steps: 0, equal: 0, close: 0, unknown: 0 };
const backends = [false, true].map(
  (deterministic) => [deterministic, createWasmBackendSync({ deterministic })] as const,
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
