/** The machine's peak: multiply-adds of 128 bits that touch registers only, compiled here. */
import asc from "assemblyscript/asc";
import { median } from "../lib.mjs";
// On Node 20 it turns relaxed SIMD on.
import "./needle.mjs";

// Engines differ in how they schedule loop constants and variables: the peak is the better of the two.
const source = `
export function constants(rounds: i32): f32 { return run(f32x4.splat(0.5), f32x4.splat(0.25), rounds); }
export function variables(rounds: i32): f32 { return run(f32x4.splat(<f32>rounds), f32x4.splat(<f32>(rounds + 1)), rounds); }
@inline function run(x: v128, y: v128, rounds: i32): f32 {
${sums((s, i) => `let ${s} = f32x4.splat(${i});`)}
for (; rounds > 0; rounds--) { ${sums((s) => `${s} = f32x4.relaxed_madd(x, y, ${s});`)} }
return f32x4.extract_lane(${sums((s) => s)
  .split("\n")
  .reduce((a, b) => `f32x4.add(${a}, ${b})`)}, 0); }`;

/** Twelve independent sums hide the latency of the multiply-add and leave registers for x and y. */
function sums(line) {
  return Array.from({ length: 12 }, (_, i) => line(`s${i}`, i)).join("\n");
}

const flopsARound = 12 * 4 * 2;

const compiled = await asc.compileString(source, {
  optimizeLevel: 3,
  enable: ["simd", "relaxed-simd"],
  runtime: "stub",
});
if (compiled.error) throw new Error(compiled.stderr.toString());
const { exports } = (await WebAssembly.instantiate(compiled.binary)).instance;

const took = (loop, rounds) => {
  const start = performance.now();
  loop(rounds);
  return performance.now() - start;
};
const typical = (loop) => median(Array.from({ length: 40 }, () => took(loop, 2e5)));
const loop =
  typical(exports.constants) < typical(exports.variables) ? exports.constants : exports.variables;

/** A runner that does as much arithmetic a repetition as the measured op. */
export const peak = (flops) => (repetitions) =>
  took(loop, Math.ceil((repetitions * flops) / flopsARound));
