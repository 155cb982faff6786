/**
 * The table of cases: inputs, parameters and values by a formula for every op. An op without a line
 * here does not compile. The lines stand in `cases/`, in files named as those of `ops/`.
 */

import type * as ops from "../ops/index.ts";
import type { concat, stack } from "../ops/joining.ts";
import type { einsum } from "../ops/products.ts";
import type { meshgrid } from "../ops/repeating.ts";
import { activationCases } from "./cases/activations.ts";
import { advancedCases } from "./cases/advanced.ts";
import { attentionCases } from "./cases/attention.ts";
import { bitwiseCases } from "./cases/bitwise.ts";
import type { Case } from "./cases/case.ts";
import { channelNormCases } from "./cases/channel-norms.ts";
import { convCases } from "./cases/conv.ts";
import { diagonalCases } from "./cases/diagonal.ts";
import { dropoutCases } from "./cases/dropout.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { embeddingCases } from "./cases/embedding.ts";
import { functionCases } from "./cases/functions.ts";
import { gateCases } from "./cases/gates.ts";
import { indexingCases } from "./cases/indexing.ts";
import { resizingCases } from "./cases/interpolate.ts";
import { joiningCases } from "./cases/joining.ts";
import { layerCases } from "./cases/layers.ts";
import { linalgCases } from "./cases/linalg.ts";
import { binaryCases } from "./cases/losses-binary.ts";
import { classificationCases } from "./cases/losses-classification.ts";
import { marginCases } from "./cases/losses-margin.ts";
import { multiLabelCases } from "./cases/losses-multilabel.ts";
import { regressionCases } from "./cases/losses-regression.ts";
import { maskCases } from "./cases/masks.ts";
import { matmulCases } from "./cases/matmul.ts";
import { paddingCases } from "./cases/padding.ts";
import { poolingCases } from "./cases/pooling.ts";
import { productCases } from "./cases/products.ts";
import { reductionCases, softmaxCases } from "./cases/reduce.ts";
import { repeatingCases } from "./cases/repeating.ts";
import { roundingCases } from "./cases/rounding.ts";
import { scanCases, sortCases } from "./cases/scan.ts";
import { setCases } from "./cases/sets.ts";
import { similarityCases } from "./cases/similarity.ts";
import { statisticsCases } from "./cases/statistics.ts";
import { viewCases } from "./cases/views.ts";
import { windowCases } from "./cases/windows.ts";

/** The name of an op of tensors. */
export type OpName = keyof (typeof ops & Joining);

interface Joining {
  concat: typeof concat;
  einsum: typeof einsum;
  meshgrid: typeof meshgrid;
  stack: typeof stack;
}

/** What every op is tried with. */
export const cases: Record<OpName, Case> = {
  ...elementwiseCases,
  ...roundingCases,
  ...activationCases,
  ...functionCases,
  ...bitwiseCases,
  ...viewCases,
  ...reductionCases,
  ...softmaxCases,
  ...statisticsCases,
  ...scanCases,
  ...sortCases,
  ...matmulCases,
  ...indexingCases,
  ...advancedCases,
  ...maskCases,
  ...productCases,
  ...linalgCases,
  ...setCases,
  ...joiningCases,
  ...paddingCases,
  ...repeatingCases,
  ...diagonalCases,
  ...windowCases,
  ...convCases,
  ...poolingCases,
  ...regressionCases,
  ...binaryCases,
  ...classificationCases,
  ...marginCases,
  ...multiLabelCases,
  ...similarityCases,
  ...channelNormCases,
  ...attentionCases,
  ...embeddingCases,
  ...dropoutCases,
  ...resizingCases,
  ...gateCases,
  ...layerCases,
};
