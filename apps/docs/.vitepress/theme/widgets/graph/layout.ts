/**
 * Places the boxes of a graph in layers from top to bottom: every box below its inputs, few
 * crossings, edges as smooth curves.
 */

/** A box to place. */
export interface Item {
  readonly id: number;
  /** The boxes it is drawn an edge from. */
  readonly inputs: readonly number[];
  /** Boxes it should be below without an edge. */
  readonly below?: readonly number[];
  /** Whether it belongs right above what uses it, not at the top. */
  readonly late?: boolean;
}

/** The middle of a box. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A line from one box to another, as the path of an SVG. */
export interface Line {
  readonly from: number;
  readonly to: number;
  readonly path: string;
}

/** Where everything is. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly places: ReadonlyMap<number, Place>;
  readonly lines: readonly Line[];
}

/** The size of a box. */
export const box = { width: 92, height: 60 } as const;
const gap = { x: 16, y: 34, line: 20 } as const;
const sweeps = 12;

/** A box, or where a long edge passes a layer. */
interface Stop {
  readonly layer: number;
  readonly width: number;
  readonly above: Stop[];
  readonly below: Stop[];
  /** The middle; chosen last. */
  x: number;
  /** The position in the layer. */
  order: number;
}

/** Places the items, of which each comes after its inputs. */
export function layered(items: readonly Item[]): Layout {
  const layers = layersOf(items);
  const rows: Stop[][] = [];
  const stop = (layer: number, width: number): Stop => {
    rows[layer] ??= [];
    const row = rows[layer];
    const made = { layer, width, above: [], below: [], x: 0, order: row.length };
    row.push(made);
    return made;
  };
  const stops = new Map(items.map(({ id }) => [id, stop(layers.get(id)!, box.width)]));
  const routes = items.flatMap(({ id, inputs }) =>
    [...new Set(inputs)].map((from) => {
      const route = [stops.get(from)!];
      for (let layer = layers.get(from)! + 1; layer < layers.get(id)!; layer++) {
        route.push(stop(layer, gap.line));
      }
      route.push(stops.get(id)!);
      route.forEach((here, i) => {
        const next = route[i + 1];
        if (next === undefined) return;
        here.below.push(next);
        next.above.push(here);
      });
      return { from, to: id, route };
    }),
  );
  uncross(rows);
  const width = align(rows);
  const y = (layer: number): number => layer * (box.height + gap.y) + box.height / 2 + 4;
  return {
    width,
    height: rows.length === 0 ? 0 : y(rows.length - 1) + box.height / 2 + 4,
    places: new Map(Array.from(stops, ([id, { x, layer }]) => [id, { x, y: y(layer) }])),
    lines: routes.map(({ from, to, route }) => ({ from, to, path: curve(route, y) })),
  };
}

/** The layer of each item: one below its lowest input, or as low as its users allow. */
function layersOf(items: readonly Item[]): Map<number, number> {
  const layers = new Map<number, number>();
  for (const { id, inputs, below = [] } of items) {
    const before = [...inputs, ...below].map((input) => layers.get(input) ?? -1);
    layers.set(id, 1 + Math.max(-1, ...before));
  }
  for (const { id, late } of items.toReversed()) {
    if (late !== true) continue;
    const users = items.filter(({ inputs, below = [] }) => [...inputs, ...below].includes(id));
    if (users.length > 0)
      layers.set(id, Math.min(...users.map((user) => layers.get(user.id)!)) - 1);
  }
  return layers;
}

/** Sorts each row by where its neighbours are, downwards and upwards in turn. */
function uncross(rows: readonly Stop[][]): void {
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : rows.toReversed()) {
      const key = new Map(
        row.map((stop) => {
          const neighbours = down ? stop.above : stop.below;
          return [stop, mean(neighbours.map(({ order }) => order)) ?? stop.order];
        }),
      );
      row.sort((a, b) => key.get(a)! - key.get(b)!);
      row.forEach((stop, order) => {
        stop.order = order;
      });
    }
  }
}

/** Chooses x for all stops: near their neighbours, without overlaps. Returns the width. */
function align(rows: readonly Stop[][]): number {
  for (const row of rows)
    pack(
      row,
      row.map(() => 0),
    );
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : rows.toReversed()) {
      const wanted = row.map((stop) => {
        const neighbours = down ? stop.above : stop.below;
        return mean(neighbours.map(({ x }) => x)) ?? stop.x;
      });
      pack(row, wanted);
    }
  }
  const all = rows.flat();
  const left = Math.min(...all.map(({ x, width }) => x - width / 2)) - 4;
  for (const stop of all) stop.x -= left;
  return Math.max(0, ...all.map(({ x, width }) => x + width / 2)) + 4;
}

/** Gives the stops of a row the x they want, moved as far apart as they need. */
function pack(row: readonly Stop[], wanted: readonly number[]): void {
  const distance = (i: number): number => (row[i - 1]!.width + row[i]!.width) / 2 + gap.x;
  const fromLeft = [...wanted];
  const fromRight = [...wanted];
  for (let i = 1; i < row.length; i++) {
    fromLeft[i] = Math.max(fromLeft[i]!, fromLeft[i - 1]! + distance(i));
  }
  for (let i = row.length - 2; i >= 0; i--) {
    fromRight[i] = Math.min(fromRight[i]!, fromRight[i + 1]! - distance(i + 1));
  }
  // Each of the two keeps the distances, and so does their mean.
  row.forEach((stop, i) => {
    stop.x = (fromLeft[i]! + fromRight[i]!) / 2;
  });
}

function mean(numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined;
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** A smooth line from the bottom of the first stop to the top of the last. */
function curve(route: readonly Stop[], y: (layer: number) => number): string {
  const half = box.height / 2;
  const round = (value: number): string => value.toFixed(1);
  const first = route[0]!;
  let [x, bottom] = [first.x, y(first.layer) + half];
  let path = `M${round(x)},${round(bottom)}`;
  route.slice(1).forEach((stop, i) => {
    const top = y(stop.layer) - half;
    const middle = (bottom + top) / 2;
    path += ` C${round(x)},${round(middle)} ${round(stop.x)},${round(middle)} ${round(stop.x)},${round(top)}`;
    const isLast = i === route.length - 2;
    bottom = isLast ? top : y(stop.layer) + half;
    if (!isLast) path += ` L${round(stop.x)},${round(bottom)}`;
    x = stop.x;
  });
  return path;
}
