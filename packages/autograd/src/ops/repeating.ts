/** Ops that repeat elements, move them around, or spread vectors over a grid. */
import * as nd from "@needle/ndarray";
import { checkTensors, linear } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { scatterAdd } from "./indexing.ts";
import { sum } from "./reduce.ts";
import { broadcastTo, reshape } from "./views.ts";

/**
 * The tensor repeated side by side, `counts[i]` times along axis `i`. Counts are aligned at the
 * end; missing ones, and missing axes, are 1.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * tensor([1, 2]).tile(2); // => [1. 2. 1. 2.]
 */
export const tile: (x: Tensor, counts: number | readonly number[]) => Tensor = linear(
  "tile",
  nd.tile,
  (g, x) => {
    const sizes = g.shape.map((length, axis) => ({
      length,
      own: x.shape[axis - (g.ndim - x.ndim)] ?? 1,
    }));
    // Without elements there is nothing to count.
    const apart = sizes.flatMap(({ length, own }) => [own === 0 ? 1 : length / own, own]);
    return reshape(
      sum(
        reshape(g, apart),
        sizes.map((_, i) => 2 * i),
      ),
      x.shape,
    );
  },
);

/**
 * Each element repeated in its place, `counts` times or by a count for each position along `axis`.
 * Without an axis the tensor is flattened first. For the whole tensor over again see `tile`.
 *
 * @throws ShapeError when there are not as many counts as positions.
 *
 * @example
 * import { tensor } from "@needle/autograd";
 * const x = tensor([1, 2], { requiresGrad: true });
 * x.repeat([1, 3]); // => [1. 2. 2. 2.]
 * x.repeat([1, 3]).sum().backward();
 * x.grad; // => [1. 3.]
 */
export const repeat: (
  x: Tensor,
  counts: number | readonly number[],
  axis?: number | null,
) => Tensor = linear("repeat", nd.repeat, (g, x, counts, axis = null) => {
  const shape = axis === null ? [x.size] : x.shape;
  const along = nd.normalizeAxis("repeat", axis ?? 0, shape.length);
  const [count, ...others] = typeof counts === "number" ? [counts] : counts;
  const collected =
    count !== undefined && others.length === 0
      ? sum(reshape(g, shape.toSpliced(along, 1, shape[along]!, count)), along + 1)
      : collect(g, shape, along, counts as readonly number[]);
  return reshape(collected, x.shape);
});

/** Sums the slices of `g` that show the same position. */
function collect(g: Tensor, shape: nd.Shape, axis: number, counts: readonly number[]): Tensor {
  const list = counts.flatMap((count, position) => new Array<number>(count).fill(position));
  const index = nd.fromTypedArray(
    Int32Array.from(list),
    shape.map((_, i) => (i === axis ? list.length : 1)),
    { backend: g.value.backend },
  );
  const zeros = new Tensor(nd.zeros(shape, { dtype: g.dtype, backend: g.value.backend }));
  return scatterAdd(zeros, axis, new Tensor(nd.broadcastTo(index, g.shape)), g);
}

/**
 * Elements moved along axes, those that leave at the end coming back at the start. Without axes the
 * flattened tensor is rolled and gets its shape back.
 *
 * @example
 * import { arange } from "@needle/autograd";
 * arange(5).roll(2); // => [3 4 0 1 2]
 */
export const roll: (
  x: Tensor,
  shifts: number | readonly number[],
  axes?: number | readonly number[] | null,
) => Tensor = linear("roll", nd.roll, (g, _x, shifts, axes) =>
  roll(g, typeof shifts === "number" ? -shifts : shifts.map((shift) => -shift), axes),
);

/**
 * Vectors spread over a grid: for each a tensor of the grid's shape that changes along its own axis
 * only.
 *
 * @example
 * import { arange, meshgrid } from "@needle/autograd";
 * const [x, y] = meshgrid([arange(3), arange(2)]);
 * x; // => [[0 1 2] [0 1 2]]
 * y; // => [[0 0 0] [1 1 1]]
 */
export function meshgrid(vectors: readonly Tensor[], options: nd.MeshgridOptions = {}): Tensor[] {
  if (!Array.isArray(vectors)) {
    throw new nd.ArgumentError("meshgrid", `takes vectors in an array, got ${nd.show(vectors)}`);
  }
  checkTensors("meshgrid", vectors);
  return nd.scope(() => {
    const grids = nd.meshgrid(
      vectors.map((x) => x.value),
      options,
    );
    const swapped = options.indexing !== "ij" && vectors.length > 1;
    return vectors.map((x, i) => {
      const shape = grids[i]!.shape;
      const own = swapped && i < 2 ? 1 - i : i;
      const column = shape.map((length, axis) => (axis === own ? length : 1));
      return broadcastTo(reshape(x, column), shape);
    });
  });
}
