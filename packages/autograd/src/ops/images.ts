/** Sequences and single images as what convolutions and pools take: batches of images. */
import * as nd from "@needle/ndarray";
import { checkTensors } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { squeeze, unsqueeze } from "./views.ts";

/** Runs on sequences (`spatial` 1) or images (2) with the axes of batch and rows that they lack. */
export function onImages(
  op: string,
  x: Tensor,
  spatial: 1 | 2,
  layout: nd.Layout | undefined,
  run: (images: Tensor) => Tensor,
): Tensor {
  checkTensors(op, [x]);
  const axes = nd.missingAxes(op, x.shape, spatial, layout);
  if (axes.length === 0) return run(x);
  return nd.scope(() => {
    const images = axes.reduce((view, axis) => unsqueeze(view, axis), x);
    return squeeze(run(images), axes);
  });
}
