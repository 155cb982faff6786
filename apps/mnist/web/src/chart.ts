/** Lines against the number of digits learned from, with uPlot. */
import uPlot from "uplot";

/** A line of a chart. */
export interface Line {
  readonly label: string;
  /** The name of the CSS variable with its colour. */
  readonly color: string;
}

/** Points kept; beyond it every second one is dropped. */
const mostPoints = 600;

/** A chart that fills its element. */
export class Chart {
  readonly #plot: uPlot;
  readonly #element: HTMLElement;
  readonly #lines: number;
  #data: (number | null)[][];

  constructor(element: HTMLElement, lines: readonly Line[], range: uPlot.Scale.Range) {
    const styles = getComputedStyle(document.documentElement);
    // Read when drawn: they change with the colour scheme.
    const color = (name: string) => () => styles.getPropertyValue(name);
    const axis = { stroke: color("--muted"), grid: { stroke: color("--line"), width: 1 } };
    this.#element = element;
    this.#lines = lines.length;
    this.#data = this.#empty();
    this.#plot = new uPlot(
      {
        width: element.clientWidth,
        height: 190,
        scales: { x: { time: false }, y: { range } },
        axes: [
          { ...axis, size: 32, space: 60, values: (_, ticks) => ticks.map(thousands) },
          { ...axis, size: 48 },
        ],
        series: [
          { label: "digits" },
          ...lines.map(({ label, color: name }) => ({
            label,
            stroke: color(name),
            width: 2,
            spanGaps: true,
            points: { show: false },
            value: (_: uPlot, value: number | null) => value?.toFixed(3) ?? "",
          })),
        ],
        cursor: { drag: { x: false, y: false } },
      },
      this.#data as uPlot.AlignedData,
      element,
    );
    new ResizeObserver(() => this.#resize()).observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", () => this.#plot.redraw());
  }

  /** Adds a point, or to the last one where that is at the same place. */
  add(seen: number, values: readonly (number | null)[]): void {
    const [places, ...lines] = this.#data as [number[], ...(number | null)[][]];
    const last = places.length - 1;
    if (places[last] === seen) {
      for (const [i, value] of values.entries()) lines[i]![last] = value ?? lines[i]![last]!;
    } else {
      places.push(seen);
      for (const [i, value] of values.entries()) lines[i]!.push(value);
    }
    if (this.#data[0]!.length > mostPoints) {
      this.#data = this.#data.map((column) => column.filter((_, i) => i % 2 === 0));
    }
    this.#draw();
  }

  clear(): void {
    this.#data = this.#empty();
    this.#draw();
  }

  #empty(): (number | null)[][] {
    return Array.from({ length: this.#lines + 1 }, () => []);
  }

  #draw(): void {
    this.#plot.setData(this.#data as uPlot.AlignedData);
  }

  #resize(): void {
    this.#plot.setSize({ width: this.#element.clientWidth, height: 190 });
  }
}

function thousands(value: number): string {
  return value >= 1000 ? `${value / 1000}k` : String(value);
}
