/**
 * Random programs go the same way on both builds as on the reference backend. `npm run fuzz` runs
 * many more.
 */
import { memory } from "@needle/ndarray";
import { opCalls } from "@needle/ndarray/testing";
import { describe, expect, test } from "vitest";
import { createTuned } from "../src/create.ts";
import { createWasmBackendSync, type WasmBackend } from "../src/index.ts";
import { check, shrink, type Tally } from "./fuzz/check.ts";
import { isCall, show } from "./fuzz/program.ts";
import { randomProgram } from "./fuzz/random-programs.ts";

const programs = 400;

const ways = [
  { deterministic: false, threads: 1 },
  { deterministic: true, threads: 1 },
  { deterministic: false, threads: 2 },
];

for (const { deterministic, threads } of ways) {
  const build = deterministic ? "strict" : "relaxed";
  test(`${programs} random programs on the ${build} build, threads ${threads}`, () => {
    // Small calls are shared as well.
    const backend = createTuned({ deterministic, threads }, { grainScale: 0 }).backend;
    const tally: Tally = { steps: 0, equal: 0, close: 0, unknown: 0 };
    for (let seed = 0; seed < programs; seed++) {
      const difference = check(randomProgram(seed), backend, tally);
      if (difference === null) continue;
      const program = show(shrink(randomProgram(seed), backend), deterministic);
      expect.fail(`program ${seed}: ${difference.message}\n${program}`);
    }
    expect(memory(backend).buffers).toBe(0);
    // Enough was compared, and next to nothing was let through.
    expect(tally.steps).toBeGreaterThan(5 * programs);
    expect(tally.equal).toBeGreaterThan(500 * programs);
    expect(tally.close).toBeGreaterThan(5 * programs);
    expect(tally.unknown).toBeLessThan(1e-3 * (tally.equal + tally.close));
  });
}

test("the programs call every op", () => {
  const called = new Set<string>();
  for (let seed = 0; seed < programs; seed++) {
    for (const step of randomProgram(seed)) if (isCall(step)) called.add(step.op);
  }
  expect([...called].sort()).toEqual(Object.keys(opCalls).sort());
});

describe("a fault is found, and its program made small:", () => {
  const faults: Record<string, (sound: WasmBackend) => Partial<WasmBackend>> = {
    "exp off by 8 units in the last place": (sound) => ({
      unary(op, out, x) {
        sound.unary(op, out, x);
        if (op === "exp") sound.binary("mul", out, out, 1 + 2 ** -20);
      },
    }),
    "sums that lose the first element of a row": (sound) => ({
      reduce(op, out, x, axes) {
        const shorter = x.shape.map((length, axis) =>
          axis === axes[0] && op === "sum" ? Math.max(1, length - 1) : length,
        );
        sound.reduce(op, out, { ...x, shape: shorter }, axes);
      },
    }),
    "a product that also changes its input": (sound) => ({
      binary(op, out, a, b) {
        sound.binary(op, out, a, b);
        if (op === "mul" && typeof a !== "number") sound.binary("maximum", a, a, 0);
      },
    }),
  };
  for (const [name, damage] of Object.entries(faults)) {
    test(name, () => {
      const sound = createWasmBackendSync();
      const backend = { ...sound, ...damage(sound) };
      const seeds = Array.from({ length: programs }, (_, seed) => seed);
      const seed = seeds.find((seed) => check(randomProgram(seed), backend) !== null);
      expect(seed).toBeDefined();
      const smallest = shrink(randomProgram(seed!), backend);
      expect(check(smallest, backend)).not.toBeNull();
      expect(check(smallest, sound)).toBeNull();
      expect(smallest.filter(isCall).length).toBeLessThanOrEqual(2);
    });
  }
});
