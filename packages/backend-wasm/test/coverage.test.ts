/**
 * The table of what was tried: every op on every dtype and both backends, its value and its
 * derivatives. `coverage.json` and the table in COVERAGE.md are what this finds; `npm run
 * coverage-table` writes them anew. Ops come from autograd's cases, so a new one is in the table
 * as soon as it has a case.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gradients, jvp, Tensor } from "@needle/autograd";
import { cases, gradcheck, type Sample, samplesOf } from "@needle/autograd/testing";
import {
  type Backend,
  createReferenceBackend,
  DeviceError,
  type DType,
  defaultBackend,
  dtypes,
  isFloat,
  Philox,
  scope,
  setDefaultBackend,
} from "@needle/ndarray";
import { afterAll, describe, expect, test } from "vitest";
import { createWasmBackendSync } from "../src/index.ts";

const wasm = createWasmBackendSync();
const backends: Record<string, Backend> = { reference: createReferenceBackend(), wasm };

/** What is tried, in the order of the table's letters. */
const kinds = ["forward", "vjp", "jvp", "second"] as const;
type Kind = (typeof kinds)[number];

/** Derivatives are tried on so many samples of a case, values on all. */
const derivedSamples = 3;

/** Allowed difference in float32, relative to the largest number. */
const tolerances: Record<Kind, number> = { forward: 1e-4, vjp: 1e-4, jvp: 1e-4, second: 1e-3 };

/** What was tried and was right, or why the op refuses; nothing where nothing was tried. */
type Cell = string;
const table: Record<string, Record<string, Record<string, Cell>>> = {};

/** The values of a run, which may have several parts; null where there is nothing to compute. */
type Found = readonly Tensor[] | null;

describe.each(Object.entries(cases))("%s", (name, entry) => {
  test("is right wherever it does not refuse", () => {
    // What the float64 reference gives is checked against formulas and differences.
    const truth = new Map<string, Float64Array[] | null>();
    table[name] = {};
    for (const [backendName, backend] of Object.entries(backends)) {
      setDefaultBackend(backend);
      const row: Record<string, Cell> = {};
      table[name][backendName] = row;
      for (const dtype of ["float64", ...dtypes.filter((one) => one !== "float64")] as DType[]) {
        const samples = samplesOf(entry);
        row[dtype] = scope(() => cellOf(samples, dtype, truth, entry.differentiable));
      }
    }
  });
});

function cellOf(
  samples: readonly Sample[],
  dtype: DType,
  truth: Map<string, Float64Array[] | null>,
  differentiable: boolean,
): Cell {
  const done = new Set<Kind>();
  let refusal = "";
  let derived = 0;
  for (const [i, sample] of samples.entries()) {
    const inputs = inputsOf(sample, dtype);
    if (inputs === null) continue;
    const wanted: Kind[] = ["forward"];
    if (
      differentiable &&
      isFloat(dtype) &&
      hasElements(inputs, dtype) &&
      derived < derivedSamples
    ) {
      derived++;
      wanted.push("vjp", "jvp");
      if (sample.options.secondOrder !== false) wanted.push("second");
    }
    for (const kind of wanted) {
      let found: Found;
      try {
        found = scope(() => ways[kind](sample, inputs));
      } catch (error) {
        if (error instanceof DeviceError) throw error; // a constant of a case on another backend
        refusal ||= (error as Error).message.split("\n")[0]!;
        continue;
      }
      if (found === null) continue;
      check({ ...sample, inputs }, kind, dtype, found, `${i} ${kind}`, truth);
      done.add(kind);
    }
  }
  const words = kinds.filter((kind) => done.has(kind));
  return [...words, ...(refusal === "" ? [] : [`refused: ${refusal}`])].join(", ");
}

/** The inputs as another dtype, where they are numbers to compute with; null if there are none. */
function inputsOf(sample: Sample, dtype: DType): Tensor[] | null {
  const inputs = sample.inputs.map((x) => x.to(defaultBackend()));
  const floats = inputs.filter((x) => x.dtype === "float64");
  if (floats.length === 0) return inputs[0]?.dtype === dtype ? inputs : null;
  return inputs.map((x) => (x.dtype === "float64" ? x.astype(dtype) : x));
}

function hasElements(inputs: readonly Tensor[], dtype: DType): boolean {
  return inputs.some((x) => x.dtype === dtype && x.size > 0);
}

const ways: Record<Kind, (sample: Sample, inputs: readonly Tensor[]) => Found> = {
  forward: ({ run }, inputs) => [run(...inputs)],
  vjp: (sample, inputs) => gradientAt(sample, asLeaves(inputs), false),
  jvp(sample, inputs) {
    const { points, directions, along } = moving(sample, inputs);
    return [jvp(along, points, directions)[1]];
  },
  second(sample, inputs) {
    const { points, directions, replaced } = moving(sample, inputs);
    return points.map(
      (_, i) =>
        jvp(
          (...xs: readonly Tensor[]) => gradientAt(sample, asLeaves(replaced(xs)), true)![i]!,
          points,
          directions,
        )[1],
    );
  },
};

/** Leaves of the float inputs that are not being recorded already. */
function asLeaves(inputs: readonly Tensor[]): Tensor[] {
  return inputs.map((x) =>
    isFloat(x.dtype) && !x.requiresGrad ? new Tensor(x.value, { requiresGrad: true }) : x,
  );
}

/** The gradients of a weighted sum of the result. */
function gradientAt({ run }: Sample, xs: readonly Tensor[], createGraph: boolean): Tensor[] {
  const y = run(...xs);
  const leaves = xs.filter((x) => x.requiresGrad);
  return gradients([y], leaves, { seeds: [drawn(y, 1)], createGraph });
}

function moving(
  { run }: Sample,
  inputs: readonly Tensor[],
): {
  points: Tensor[];
  directions: Tensor[];
  replaced: (xs: readonly Tensor[]) => Tensor[];
  along: (...xs: readonly Tensor[]) => Tensor;
} {
  const points = inputs.filter((x) => isFloat(x.dtype));
  const replaced = (xs: readonly Tensor[]): Tensor[] => {
    let next = 0;
    return inputs.map((x) => (isFloat(x.dtype) ? xs[next++]! : x));
  };
  const directions = points.map((x, i) => drawn(x, 2 + i));
  return { points, directions, replaced, along: (...xs) => run(...replaced(xs)) };
}

/** Numbers from 0.5 to 1.5, the same on every backend and of either float dtype. */
function drawn(x: Tensor, seed: number): Tensor {
  const numbers = new Philox(seed).uniform(x.shape, { dtype: "float64" }).add(0.5);
  return new Tensor(numbers.astype(isFloat(x.dtype) ? x.dtype : "float32").to(x.backend));
}

/** Compares with the float64 reference; that itself with a formula and with differences. */
function check(
  sample: Sample,
  kind: Kind,
  dtype: DType,
  found: readonly Tensor[],
  key: string,
  truth: Map<string, Float64Array[] | null>,
): void {
  const values = found.map((x) => Float64Array.from(x.toTypedArray()));
  const where = `${sample.about}: ${key} in ${dtype}`;
  if (!isFloat(dtype)) {
    // Whole numbers are the same on every backend: they are computed exactly.
    const first = truth.get(`${key} ${dtype}`);
    if (first === undefined || first === null) truth.set(`${key} ${dtype}`, values);
    else near(values, first, found[0]!.dtype.startsWith("float") ? 1e-6 : 0, where);
    return;
  }
  const known = truth.get(key);
  if (known === undefined || known === null) {
    if (kind === "forward") near(values, [Float64Array.from(sample.expected.values)], 1e-12, where);
    if (kind === "vjp")
      gradcheck(sample.run, sample.inputs, { ...sample.options, shapeOnly: false });
    truth.set(key, values);
    return;
  }
  near(values, known, dtype === "float64" ? 1e-9 : tolerances[kind], where);
}

/** Whether lists are equal up to a part of their largest finite number. */
function near(
  values: readonly Float64Array[],
  wanted: readonly Float64Array[],
  tolerance: number,
  where: string,
): void {
  values.forEach((list, k) => {
    const size = wanted[k]!.reduce(
      (a, x) => (Number.isFinite(x) ? Math.max(a, Math.abs(x)) : a),
      1,
    );
    list.forEach((x, i) => {
      const y = wanted[k]![i]!;
      const same = Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance * size;
      if (!same) expect.fail(`${where}: ${x} where ${y} is right, at element ${i} of part ${k}`);
    });
  });
}

const root = new URL("../../../", import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(name, root));

describe("the committed table", () => {
  test("is what was found (npm run coverage-table writes it)", async () => {
    await expect(`${JSON.stringify(table, null, 2)}\n`).toMatchFileSnapshot(
      pathOf("coverage.json"),
    );
  });

  test("stands in COVERAGE.md", async () => {
    const path = pathOf("COVERAGE.md");
    const text = readFileSync(path, "utf8");
    const between = /(?<=<!-- table -->\n)[\s\S]*?(?=<!-- end -->)/;
    expect(text).toMatch(between);
    await expect(text.replace(between, markdown)).toMatchFileSnapshot(path);
  });
});

afterAll(() => setDefaultBackend(createReferenceBackend()));

/** A row an op, a column a backend and dtype, in each cell a letter for what was right. */
function markdown(): string {
  const columns = Object.keys(backends).flatMap((backend) =>
    dtypes.map((dtype) => ({ backend, dtype })),
  );
  const rows = [
    ["Op", ...columns.map(({ backend, dtype }) => `${backend} ${dtype}`)],
    ...Object.entries(table).map(([op, row]) => [
      `\`${op}\``,
      ...columns.map(({ backend, dtype }) => letters(row[backend]?.[dtype] ?? "")),
    ]),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const [head, ...body] = rows.map(line);
  return `\n${[head, rule, ...body].join("\n")}\n\n`;
}

function letters(cell: Cell): string {
  const marks = { forward: "F", vjp: "R", jvp: "J", second: "2" };
  const done = kinds.map((kind) => (cell.split(", ").includes(kind) ? marks[kind] : "")).join("");
  return cell.includes("refused: ") ? `${done}x` : done;
}
