/**
 * Formulas compiled at run time: a WebAssembly function of a few hundred bytes that goes over all
 * arrays once, four elements at a time, keeping everything between reading and writing in
 * registers. What it cannot take (other dtypes, parts of arrays, engines that refuse to compile)
 * runs operation by operation.
 */
import {
  type Backend,
  type FormulaProgram,
  type Instruction,
  isRowMajor,
  runFormula,
  sizeOf,
  uniformValue,
  type View,
} from "@needle/ndarray";
import { addressOf, type Context } from "./context.ts";
import type { Block } from "./memory.ts";
import type { Kernel } from "./module.ts";
import { type Memory, type Module, runtime } from "./webassembly.ts";

/** The formulas' part of a backend. */
export interface Formulas {
  formula(program: FormulaProgram, arrays: readonly View[], numbers: readonly number[]): void;
}

/** A compiled formula, and which registers hold the numbers that it is given. */
interface Compiled {
  readonly run: Kernel;
  readonly uniforms: readonly number[];
}

export function createFormulas({ memory }: Context, backend: Backend): Formulas {
  const compiled = new WeakMap<FormulaProgram, Compiled | null>();

  function compiledOf(program: FormulaProgram): Compiled | null {
    let found = compiled.get(program);
    if (found === undefined) {
      found = compile(program, memory.memory);
      compiled.set(program, found);
    }
    return found;
  }

  return {
    formula(program, arrays, numbers) {
      const fits = arrays.every((x) => addressOf("formula", x) !== 0 && isWholeFloat32(x));
      const found = fits ? compiledOf(program) : null;
      if (found === null) {
        runFormula(backend, program, arrays, numbers);
        return;
      }
      const values = uniformValues(program, numbers);
      const addresses = arrays.map((x) => addressOf("formula", x));
      // The last vector may go beyond the elements: blocks are multiples of 64 bytes.
      const bytes = 16 * Math.ceil(sizeOf(arrays[0]!.shape) / 4);
      found.run(...addresses, bytes, ...found.uniforms.map((register) => values[register]!));
    },
  };
}

/** Whether a view is all of a block, so that nothing but padding follows its last element. */
function isWholeFloat32(x: View): boolean {
  return (
    x.dtype === "float32" &&
    x.offset === 0 &&
    isRowMajor(x.shape, x.strides) &&
    (x.buffer as Block).size === sizeOf(x.shape)
  );
}

/** The registers that are numbers, computed; undefined where a register is an array. */
function uniformValues(
  program: FormulaProgram,
  numbers: readonly number[],
): (number | undefined)[] {
  const values: (number | undefined)[] = new Array(program.arrays).fill(undefined);
  values.push(...numbers);
  for (const instruction of program.instructions) {
    values.push(uniformValue(instruction, values) ?? undefined);
  }
  return values;
}

function compile(program: FormulaProgram, memory: Memory): Compiled | null {
  const { bytes, uniforms } = encode(program, isShared(memory));
  const WebAssembly = runtime.WebAssembly!;
  let module: Module;
  try {
    module = new WebAssembly.Module(bytes);
  } catch {
    // Pages may compile little at a time outside of workers, and engines may refuse.
    return null;
  }
  const instance = new WebAssembly.Instance(module, { env: { memory } } as never);
  return { run: instance.exports.run as Kernel, uniforms };
}

function isShared(memory: Memory): boolean {
  return Object.prototype.toString.call(memory.buffer) === "[object SharedArrayBuffer]";
}

const i32 = 0x7f;
const f32 = 0x7d;
const v128 = 0x7b;
const vector = 0xfd;

const binaryCodes = { add: 0xe4, sub: 0xe5, mul: 0xe6, div: 0xe7, minimum: 0xe8, maximum: 0xe9 };
const unaryCodes = { abs: 0xe0, neg: 0xe1, sqrt: 0xe3 };

/** The least bytes of an unsigned whole number (LEB128). */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function name(text: string): number[] {
  return [text.length, ...Array.from(text, (c) => c.charCodeAt(0))];
}

/** The module: `run(addresses…, bytes, uniforms…)`. */
function encode(
  program: FormulaProgram,
  shared: boolean,
): { readonly bytes: Uint8Array; readonly uniforms: readonly number[] } {
  const { arrays, numbers, instructions } = program;
  const values = uniformValues(program, new Array(numbers).fill(1));
  const isUniform = (register: number): boolean => values[register] !== undefined;
  const read = [
    ...instructions.flatMap((instruction, i) =>
      isUniform(arrays + numbers + i) ? [] : operandsOf(instruction),
    ),
    ...program.outputs.map(([, register]) => register),
  ];
  const uniforms = [...new Set(read)].filter(isUniform);
  const end = arrays;
  const firstLocal = arrays + 1 + uniforms.length;
  // Every register has a vector local; those of uniforms are filled before the loop.
  const local = (register: number): number => firstLocal + register;
  const get = (register: number): number[] => [0x20, ...unsigned(local(register))];
  const set = (register: number): number[] => [0x21, ...unsigned(local(register))];
  const address = (array: number): number[] => [0x20, ...unsigned(array)];
  const at = [2, 0]; // 4-byte alignment, offset 0

  const splats = uniforms.flatMap((register, i) => [
    ...[0x20, ...unsigned(arrays + 1 + i), vector, 0x13],
    ...set(register),
  ]);
  const used = [...new Set(read)].filter((register) => register < arrays);
  const loads = used.flatMap((array) => [...address(array), vector, 0x00, ...at, ...set(array)]);
  const work = instructions.flatMap((instruction, i) => {
    const register = arrays + numbers + i;
    if (isUniform(register)) return [];
    return [...operation(instruction, get), ...set(register)];
  });
  const stores = program.outputs.flatMap(([array, register]) => [
    ...[...address(array), ...get(register), vector, 0x0b, ...at],
  ]);
  const advance = Array.from({ length: arrays }, (_, array) => [
    ...[...address(array), 0x41, 16, 0x6a, 0x21, ...unsigned(array)],
  ]).flat();
  const body = [
    ...splats,
    ...[...address(end), 0x45, 0x04, 0x40, 0x0f, 0x0b], // nothing to do for no bytes
    ...[0x03, 0x40], // loop
    ...[...loads, ...work, ...stores, ...advance],
    ...[...address(end), 0x41, 16, 0x6b, 0x22, ...unsigned(end), 0x0d, 0], // until none are left
    ...[0x0b, 0x0b],
  ];
  const registers = arrays + numbers + instructions.length;
  const locals = list([[...unsigned(registers), v128]]);
  const code = [...locals, ...body];
  const params = [
    ...new Array<number>(arrays + 1).fill(i32),
    ...new Array<number>(uniforms.length).fill(f32),
  ];
  // Shared memory has to state a maximum, which may be above the actual one.
  const limits = shared ? [3, 0, ...unsigned(65536)] : [0, 0];
  const memoryImport = [...name("env"), ...name("memory"), 2, ...limits];
  const bytes = Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, ...unsigned(params.length), ...params, 0]])),
    ...section(2, list([memoryImport])),
    ...section(3, list([[0]])),
    ...section(7, list([[...name("run"), 0, 0]])),
    ...section(10, list([[...unsigned(code.length), ...code]])),
  ]);
  return { bytes, uniforms };
}

function operandsOf(instruction: Instruction): number[] {
  if (instruction.op === "number") return [];
  return instruction.b === undefined ? [instruction.a] : [instruction.a, instruction.b];
}

function operation(instruction: Instruction, get: (register: number) => number[]): number[] {
  if (instruction.op === "number") return [];
  const a = get(instruction.a);
  if (instruction.b !== undefined) {
    return [...a, ...get(instruction.b), vector, binaryCodes[instruction.op], 0x01];
  }
  if (instruction.op === "sign") return signOf(a);
  return [...a, vector, unaryCodes[instruction.op], 0x01];
}

/** A vector of one float32 pattern. */
function splat(bits: number): number[] {
  const lane = [bits & 255, (bits >>> 8) & 255, (bits >>> 16) & 255, bits >>> 24];
  return [vector, 0x0c, ...lane, ...lane, ...lane, ...lane];
}

/** The sign bit joined to 1 where x is above or below 0; x itself (0 or NaN) elsewhere. */
function signOf(x: readonly number[]): number[] {
  const unit = [...x, ...splat(0x80000000), vector, 0x4e, ...splat(0x3f800000), vector, 0x50];
  const magnitude = [...x, vector, 0xe0, 0x01];
  return [...unit, ...x, ...magnitude, ...splat(0), vector, 0x44, vector, 0x52];
}
