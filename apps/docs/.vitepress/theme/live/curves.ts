/** The curves that an example plots, as lines of a drawing. */

/** Points that are kept of a curve; of more, every other one goes. */
const mostPoints = 1000;

/** One curve: how many points it was given, and those that are kept. */
export interface Curve {
  readonly count: number;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** The curve with one more point. */
export function extended(curve: Curve | undefined, y: number): Curve {
  const { count, points } = curve ?? { count: 0, points: [] };
  const kept = points.length < mostPoints ? points : points.filter((_, i) => i % 2 === 0);
  return { count: count + 1, points: [...kept, [count, y]] };
}

/** The finite values' range; from 0 to 1 where there are none. */
export function rangeOf({ points }: Curve): readonly [least: number, most: number] {
  const values = points.map(([, y]) => y).filter(Number.isFinite);
  return values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
}

/** The line of an SVG path through the finite points, in a box of this width and height. */
export function pathOf(curve: Curve, width: number, height: number): string {
  const [least, most] = rangeOf(curve);
  const across = width / Math.max(1, curve.count - 1);
  const up = most > least ? height / (most - least) : 0;
  const middle = most > least ? 0 : height / 2;
  return curve.points
    .filter(([, y]) => Number.isFinite(y))
    .map(([x, y], i) => {
      const place = `${(x * across).toFixed(1)} ${(height - middle - (y - least) * up).toFixed(1)}`;
      return `${i === 0 ? "M" : "L"}${place}`;
    })
    .join("");
}
