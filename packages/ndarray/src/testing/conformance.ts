/**
 * What every backend has to do, as a list of named cases. `testBackend` runs them under vitest,
 * node:test, a harness in a browser, or anything else with a `describe` and a `test`.
 */
import type { Backend } from "../backend.ts";
import { ArgumentError } from "../errors.ts";
import type { ConformanceCase } from "./cases/case.ts";
import { convCases } from "./cases/conv.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { formulaCases } from "./cases/formulas.ts";
import { fusedCases } from "./cases/fused.ts";
import { inPlaceCases } from "./cases/in-place.ts";
import { indexingCases } from "./cases/indexing.ts";
import { layerCases } from "./cases/layers.ts";
import { linalgCases } from "./cases/linalg.ts";
import { matmulCases } from "./cases/matmul.ts";
import { memoryCases } from "./cases/memory.ts";
import { poolCases } from "./cases/pool.ts";
import { randomCases } from "./cases/random.ts";
import { reduceCases } from "./cases/reduce.ts";
import { scanCases } from "./cases/scan.ts";
import { stepCases } from "./cases/steps.ts";

/** Every case, in the order in which a new backend best meets them. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...memoryCases,
  ...elementwiseCases,
  ...inPlaceCases,
  ...reduceCases,
  ...scanCases,
  ...matmulCases,
  ...indexingCases,
  ...linalgCases,
  ...randomCases,
  ...fusedCases,
  ...layerCases,
  ...stepCases,
  ...formulaCases,
  ...convCases,
  ...poolCases,
];

/** Cases a backend does not pass yet, and why. */
export interface Skip {
  readonly reason: string;
  /** Names of `conformanceCases`. */
  readonly cases: readonly string[];
}

/** Registers a test, as vitest's and node:test's `test` do. */
export interface TestFunction {
  (name: string, body: () => void | Promise<void>): void;
  /** Registers a test that does not run. Where there is none, skipped cases are not mentioned. */
  readonly skip?: (name: string, body: () => void | Promise<void>) => void;
}

/** The functions of a test runner, and what to ask of the backend. */
export interface TestBackendOptions {
  readonly describe: (name: string, body: () => void) => void;
  readonly test: TestFunction;
  /** Default none. */
  readonly skip?: readonly Skip[];
  /** Units in the last place that transcendental functions may be off in float32. Default 2.5. */
  readonly ulps?: number;
}

/**
 * Registers a test for every conformance case, all on one backend. A skipped case is registered
 * with its reason and does not run.
 *
 * @param create - makes the backend, before the first test.
 * @throws ArgumentError when a skip names no case or gives no reason.
 *
 * @example
 * import { createReferenceBackend } from "@needle/ndarray";
 * import { testBackend } from "@needle/ndarray/testing";
 * const tests: string[] = [];
 * const describe = (_name: string, body: () => void) => body();
 * const test = (name: string) => void tests.push(name);
 * testBackend(createReferenceBackend, { describe, test });
 * tests.includes("argmax int32"); // => true
 */
export function testBackend(
  create: () => Backend | Promise<Backend>,
  options: TestBackendOptions,
): void {
  const { describe, test, skip = [], ulps } = options;
  const reasons = skipped(skip);
  let backend: Promise<Backend> | undefined;
  describe("conformance", () => {
    for (const { name, run } of conformanceCases) {
      const reason = reasons.get(name);
      const body = async (): Promise<void> => {
        backend ??= Promise.resolve(create());
        await run(await backend, ulps);
      };
      if (reason === undefined) test(name, body);
      else test.skip?.(`${name} (${reason})`, body);
    }
  });
}

/** The reason for each skipped case. */
function skipped(skip: readonly Skip[]): Map<string, string> {
  const known = new Set(conformanceCases.map((one) => one.name));
  const reasons = new Map<string, string>();
  for (const { reason, cases } of skip) {
    if (reason.trim() === "") {
      throw new ArgumentError("testBackend", `a skip needs a reason (${cases.join(", ")})`);
    }
    for (const name of cases) {
      if (!known.has(name))
        throw new ArgumentError(
          "testBackend",
          `there is no case "${name}" to skip`,
          "conformanceCases lists them.",
        );
      reasons.set(name, reason);
    }
  }
  return reasons;
}
