/**
 * Convolution and its two adjoints by the sum that defines them: every pixel of the output, every
 * element of the window, every pair of channels of a group. Around the image lie zeros, which are
 * multiplied like other numbers: a weight that is NaN spoils them.
 */
import type { ConvWindow, View } from "../../backend.ts";
import { dataOf, forEachRow } from "./loops.ts";

/** `[n, h, w, c]` or `[kh, kw, i, o]`. */
type Four = readonly [number, number, number, number];

/** The place of a pixel that lies outside the image. */
const outside = -1;

/**
 * Calls `visit` with the places in memory of a pixel's first channel in `x` (or `outside`) and in
 * `y`, and of the element of the weight that joins them, for all that meet.
 */
function forEachMeeting(
  x: View,
  weight: View,
  y: View,
  { stride, padding, dilation }: ConvWindow,
  visit: (x: number, weight: number, y: number) => void,
): void {
  const [n, h, w] = x.shape as Four;
  const [kh, kw] = weight.shape as Four;
  const [, oh, ow] = y.shape as Four;
  const [xs, ws, ys] = [x.strides, weight.strides, y.strides] as unknown as [Four, Four, Four];
  for (let image = 0; image < n; image++) {
    for (let p = 0; p < oh; p++) {
      for (let q = 0; q < ow; q++) {
        const to = y.offset + image * ys[0] + p * ys[1] + q * ys[2];
        for (let i = 0; i < kh; i++) {
          const row = p * stride[0] + i * dilation[0] - padding[0];
          for (let j = 0; j < kw; j++) {
            const column = q * stride[1] + j * dilation[1] - padding[1];
            const isInside = row >= 0 && row < h && column >= 0 && column < w;
            const from = x.offset + image * xs[0] + row * xs[1] + column * xs[2];
            visit(isInside ? from : outside, weight.offset + i * ws[0] + j * ws[1], to);
          }
        }
      }
    }
  }
}

/**
 * The sum over all meetings, in double precision: `a` and `b` are multiplied into `out`, each with
 * its strides along the channels of the input and of the output.
 */
function contract(
  [out, a, b]: readonly [View, View, View],
  roles: readonly [x: View, weight: View, y: View],
  window: ConvWindow,
): void {
  const [x, weight, y] = roles;
  const [inputs, outputs] = weight.shape.slice(2) as [number, number];
  const perGroup = outputs / window.groups;
  const sums = new Float64Array(dataOf(out).length);
  const [left, right] = [dataOf(a), dataOf(b)];
  const [xc, yc] = [x.strides[3]!, y.strides[3]!];
  const [wi, wo] = weight.strides.slice(2) as [number, number];
  const at = { out: roles.indexOf(out), a: roles.indexOf(a), b: roles.indexOf(b) };
  const places = [0, 0, 0];
  forEachMeeting(x, weight, y, window, (fromX, fromWeight, fromY) => {
    const isInside = fromX !== outside;
    if (!isInside && out === x) return;
    for (let o = 0; o < outputs; o++) {
      const first = Math.floor(o / perGroup) * inputs;
      for (let c = 0; c < inputs; c++) {
        places[0] = fromX + (first + c) * xc;
        places[1] = fromWeight + c * wi + o * wo;
        places[2] = fromY + o * yc;
        // Where the images are not the result, they are the first operand.
        sums[places[at.out]!]! += (isInside ? left[places[at.a]!]! : 0) * right[places[at.b]!]!;
      }
    }
  });
  store(out, sums);
}

function store(out: View, sums: Float64Array): void {
  const data = dataOf(out);
  forEachRow(out.shape, [out], ([place], count, [step]) => {
    for (let i = 0, at = place!; i < count; i++, at += step!) data[at] = sums[at]!;
  });
}

export function conv2d(out: View, x: View, weight: View, window: ConvWindow): void {
  contract([out, x, weight], [x, weight, out], window);
}

export function conv2dInput(out: View, y: View, weight: View, window: ConvWindow): void {
  contract([out, y, weight], [out, weight, y], window);
}

export function conv2dWeight(out: View, x: View, y: View, window: ConvWindow): void {
  contract([out, x, y], [x, out, y], window);
}
