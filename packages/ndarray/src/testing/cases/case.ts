/** What a conformance case is, and how one is made of a law and random samples. */
import fc from "fast-check";
import type { Backend } from "../../backend.ts";
import { Workbench } from "../workbench.ts";

/** One checked behaviour of a backend. */
export interface ConformanceCase {
  readonly name: string;
  /**
   * Throws where the backend does not behave so.
   *
   * @param ulps - units in the last place a transcendental function may be off. Default 2.5.
   */
  run(backend: Backend, ulps?: number): void | Promise<void>;
}

/** A law about one sample. */
export type Law<T> = (bench: Workbench, sample: T, ulps: number) => void | Promise<void>;

// What a good float32 implementation reaches without double precision.
const defaultUlps = 2.5;

/** Samples for each case: together the cases see several thousand layouts. */
const samples = 40;

/** A case that holds for every sample. The samples are the same in every run. */
export function forAll<T>(name: string, arbitrary: fc.Arbitrary<T>, law: Law<T>): ConformanceCase {
  return {
    name,
    run: async (backend, ulps = defaultUlps) => {
      const property = fc.asyncProperty(arbitrary, (sample) =>
        onBench(backend, (bench) => law(bench, sample, ulps)),
      );
      await fc.assert(property, { seed: 1, numRuns: samples });
    },
  };
}

/** A case without samples. */
export function once(
  name: string,
  law: (bench: Workbench, ulps: number) => void | Promise<void>,
): ConformanceCase {
  return {
    name,
    run: (backend, ulps = defaultUlps) => onBench(backend, (bench) => law(bench, ulps)),
  };
}

async function onBench(
  backend: Backend,
  body: (bench: Workbench) => void | Promise<void>,
): Promise<void> {
  const bench = new Workbench(backend);
  try {
    await body(bench);
  } finally {
    bench.free();
  }
}
