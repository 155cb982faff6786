/** What every measurement shares: switches, interleaved sampling, medians, the table, the JSON file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "2" },
    only: { type: "string", default: "" },
    python: { type: "string", default: "python3" },
  },
});

/** `--seconds` a case, `--only` an expression that a case's name matches, `--python` the interpreter that has PyTorch. */
export const options = {
  seconds: Number(values.seconds),
  only: new RegExp(values.only),
  python: values.python,
};

export const median = (xs) => xs.toSorted((a, b) => a - b)[xs.length >> 1];
const mean = (xs) => xs.reduce((sum, x) => sum + x, 0) / xs.length;

/**
 * A runner takes a number of repetitions and gives the milliseconds they took, or a promise of them. This one calls `f`
 * again and again.
 */
export const calling = (f) => (repetitions) => {
  const start = performance.now();
  for (let i = 0; i < repetitions; i++) f();
  return performance.now() - start;
};

/** The same for an asynchronous `f`. */
export const awaiting = (f) => async (repetitions) => {
  const start = performance.now();
  for (let i = 0; i < repetitions; i++) await f();
  return performance.now() - start;
};

/**
 * Runs each runner for a moment, again and again, in an order that rotates, so that what else the machine does meets all
 * of them. `{ name: runner or null } -> { name: { best, median, mean, ratio: { best, median, mean } } }`: times are milliseconds a
 * repetition; a ratio is a peer's time divided by that of the first runner, the median one that of neighbouring samples.
 */
export async function measure(runners, { seconds = options.seconds, sampleMs = 1 } = {}) {
  const peers = [];
  for (const [name, run] of Object.entries(runners)) {
    if (run) peers.push({ name, run, repetitions: await warmUp(run, sampleMs), samples: [] });
  }
  const end = performance.now() + 1000 * seconds;
  for (let round = 0; round < 12 || performance.now() < end; round++) {
    for (let i = 0; i < peers.length; i++) {
      const { run, repetitions, samples } = peers[(i + round) % peers.length];
      samples.push((await run(repetitions)) / repetitions);
    }
  }
  const first = peers[0].samples;
  return Object.fromEntries(
    peers.map(({ name, samples }) => {
      const ratio = {
        best: Math.min(...samples) / Math.min(...first),
        median: median(samples.map((sample, i) => sample / first[i])),
        mean: mean(samples) / mean(first),
      };
      return [
        name,
        { best: Math.min(...samples), median: median(samples), mean: mean(samples), ratio },
      ];
    }),
  );
}

/** Runs until the engine has compiled what it will; gives the repetitions that take about `sampleMs`. */
async function warmUp(run, sampleMs) {
  const end = performance.now() + 300;
  let repetitions = 1;
  let fastest = Infinity;
  do {
    const took = await run(repetitions);
    fastest = Math.min(fastest, took / repetitions);
    if (took < sampleMs / 2) repetitions *= 2;
  } while (performance.now() < end);
  return Math.max(1, Math.round(sampleMs / fastest));
}

/**
 * Measures the cases `{ name: prepare }` one after the other, prints a table and, unless only some
 * were wanted, writes `results/<question>-node<major>.json`.
 *
 * @param prepare - gives the runners of a case, needle's first; asynchronous if need be.
 * @param options.unit - what the table's numbers are.
 * @param options.show - `(milliseconds, name of the case) -> number of that unit`.
 * @param options.figures - which of best, median and mean the table shows.
 */
export async function report(
  question,
  cases,
  { unit, show, figures = ["best", "median"], ...sampling },
) {
  const rows = [];
  for (const [name, prepare] of Object.entries(cases)) {
    if (!options.only.test(name)) continue;
    process.stderr.write(`${question} ${name}\n`);
    const { dispose, ...runners } = await prepare();
    rows.push({ name, results: await measure(runners, sampling) });
    dispose?.();
  }
  const legend = `${figures.join(" / ")} (ratios of the same)`;
  console.log(`\n${question}, Node ${process.versions.node}, ${unit}: ${legend}\n`);
  console.log(table(rows, show, figures));
  if (values.only === "") save(question, { unit, rows });
}

function table(rows, show, figures) {
  const names = [...new Set(rows.flatMap(({ results }) => Object.keys(results)))];
  const lines = rows.map(({ name, results }) => [
    name,
    ...names.map((peer, i) => {
      if (results[peer] === undefined) return "";
      const result = results[peer];
      const times = figures.map((figure) => digits(show(result[figure], name))).join(" / ");
      const ratios = figures.map((figure) => digits(result.ratio[figure])).join(", ");
      return i === 0 ? times : `${times} (${ratios})`;
    }),
  ]);
  const head = ["case", ...names];
  const all = [head, head.map(() => "---"), ...lines];
  const widths = head.map((_, i) => Math.max(...all.map((line) => line[i].length)));
  return all
    .map((line) => `| ${line.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`)
    .join("\n");
}

/** Three digits that count. */
const digits = (x) => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));

/** Writes a question's answer to `results/`, with the machine it was found on. */
export function save(question, answer) {
  const folder = new URL("results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const { node } = process.versions;
  const machine = { node, processor: cpus()[0]?.model, cores: cpus().length, date: new Date() };
  writeFileSync(
    new URL(`${question}-node${node.split(".")[0]}.json`, folder),
    `${JSON.stringify({ question, machine, ...answer }, null, 2)}\n`,
  );
}
