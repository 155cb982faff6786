/** Sequences and single images as what kernels take: batches of images. */
import type { NDArray } from "../ndarray.ts";
import { scope } from "../scope.ts";
import { type Layout, missingAxes } from "../shape-images.ts";
import { checkArray } from "./common.ts";
import { squeeze, unsqueeze } from "./views.ts";

/** Runs on sequences (`spatial` 1) or images (2) with the axes of batch and rows that they lack. */
export function onImages(
  op: string,
  x: NDArray,
  spatial: 1 | 2,
  layout: Layout | undefined,
  run: (images: NDArray) => NDArray,
): NDArray {
  checkArray(op, x);
  const axes = missingAxes(op, x.shape, spatial, layout);
  if (axes.length === 0) return run(x);
  return scope(() => {
    const images = axes.reduce((view, axis) => unsqueeze(view, axis), x);
    return squeeze(run(images), axes);
  });
}
