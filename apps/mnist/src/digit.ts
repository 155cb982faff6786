/**
 * A drawing in the form of MNIST's digits: scaled to fit 20x20 pixels with its proportions kept,
 * then placed in 28x28 with its centre of mass in the middle. Source:
 * http://yann.lecun.com/exdb/mnist.
 */

const side = 28;
const boxSide = 20;

/** Where there is ink: columns from `left` to `right`, rows from `top` to `bottom`, ends excluded. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * 28x28 pixels from 0 (paper) to 1 (ink); null where nothing is drawn.
 *
 * @param ink - from 0 (paper) to 255 (ink), row after row of `width` pixels.
 * @param least - weaker ink does not make the drawing larger.
 */
export function toDigit(ink: Uint8ClampedArray, width: number, least = 1): Float32Array | null {
  const box = boxOf(ink, width, least);
  if (box === null) return null;
  const small = scaled(ink, width, box);
  return centred(small.values, small.columns);
}

function boxOf(ink: Uint8ClampedArray, width: number, least: number): Box | null {
  let [left, top, right, bottom] = [width, Number.POSITIVE_INFINITY, 0, 0];
  for (let i = 0; i < ink.length; i++) {
    if (ink[i]! < least) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  return right === 0 ? null : { left, top, right, bottom };
}

/** The box's ink with its longer side 20 pixels, each the mean of the area it covers. */
function scaled(
  ink: Uint8ClampedArray,
  width: number,
  { left, top, right, bottom }: Box,
): { values: Float32Array; columns: number } {
  const scale = Math.max(right - left, bottom - top) / boxSide;
  const columns = Math.max(1, Math.round((right - left) / scale));
  const rows = Math.max(1, Math.round((bottom - top) / scale));
  const across = (right - left) / columns;
  const down = (bottom - top) / rows;
  const values = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const [y0, y1] = [top + row * down, top + (row + 1) * down];
    for (let column = 0; column < columns; column++) {
      const [x0, x1] = [left + column * across, left + (column + 1) * across];
      let sum = 0;
      for (let y = Math.floor(y0); y < Math.min(bottom, y1); y++) {
        const height = Math.min(y + 1, y1) - Math.max(y, y0);
        for (let x = Math.floor(x0); x < Math.min(right, x1); x++) {
          sum += ink[y * width + x]! * height * (Math.min(x + 1, x1) - Math.max(x, x0));
        }
      }
      values[row * columns + column] = sum / (255 * across * down);
    }
  }
  return { values, columns };
}

/**
 * The values moved by whole pixels so that their centre of mass is nearest pixel 14 of each
 * direction, the first being 0: there MNIST has it, between 13.5 and 14.5 in all of its digits.
 */
function centred(values: Float32Array, columns: number): Float32Array {
  let [mass, x, y] = [0, 0, 0];
  for (const [i, value] of values.entries()) {
    mass += value;
    x += value * (i % columns);
    y += value * Math.floor(i / columns);
  }
  // What is just between two pixels goes to the first, whatever the rounding of the sums.
  const left = Math.round(side / 2 - x / mass - 1e-4);
  const top = Math.round(side / 2 - y / mass - 1e-4);
  const digit = new Float32Array(side * side);
  for (const [i, value] of values.entries()) {
    const [column, row] = [left + (i % columns), top + Math.floor(i / columns)];
    // What lies far from its centre of mass may stick out.
    const inside = column >= 0 && column < side && row >= 0 && row < side;
    if (inside) digit[row * side + column] = value;
  }
  return digit;
}
