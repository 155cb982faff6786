/**
 * The table of cases: inputs, parameters and values by a formula for every op. An op without a line
 * here does not compile. The lines stand in `cases/`, in files named as those of `ops/`.
 */

import type * as ops from "../ops/index.ts";
import type { concat, stack } from "../ops/indexing.ts";
import type { Case } from "./cases/case.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { indexingCases } from "./cases/indexing.ts";
import { matmulCases } from "./cases/matmul.ts";
import { reductionCases, softmaxCases } from "./cases/reduce.ts";
import { viewCases } from "./cases/views.ts";

/** The name of an op of tensors. */
export type OpName = keyof (typeof ops & { concat: typeof concat; stack: typeof stack });

/** What every op is tried with. */
export const cases: Record<OpName, Case> = {
  ...elementwiseCases,
  ...viewCases,
  ...reductionCases,
  ...softmaxCases,
  ...matmulCases,
  ...indexingCases,
};
