/** The page: what is chosen goes to the worker, what the worker tells is shown. */
import { Chart } from "./chart.ts";
import { ConfusionTable } from "./confusion.ts";
import { element } from "./element.ts";
import { download, listenForFiles } from "./file.ts";
import { ChoiceForm } from "./form.ts";
import type { Report, Request, Standing } from "./messages.ts";
import { Pad } from "./pad.ts";
import { DigitGrid, paintWeights } from "./pictures.ts";
import { Verdict } from "./verdict.ts";

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const ask = (request: Request): void => worker.postMessage(request);

const lossChart = new Chart(
  element("loss", HTMLElement),
  [
    { label: "training", color: "--first" },
    { label: "test", color: "--second" },
  ],
  (_, __, most) => [0, Math.max(most ?? 0, 0.1) * 1.05],
);
const accuracyChart = new Chart(
  element("accuracy-chart", HTMLElement),
  [
    { label: "training", color: "--first" },
    { label: "test", color: "--second" },
  ],
  [0, 1],
);
const confusion = new ConfusionTable(element("confusion", HTMLTableElement));
const verdict = new Verdict(element("bars", HTMLOListElement), element("verdict", HTMLElement));
const weightsCanvas = element("weights", HTMLCanvasElement);
const buttons = ["start", "step", "reset", "save", "open"].map((id) =>
  element(id, HTMLButtonElement),
);
const [startButton, stepButton, resetButton] = buttons as [
  HTMLButtonElement,
  HTMLButtonElement,
  HTMLButtonElement,
];

let grid: DigitGrid;
let running = false;

const form = new ChoiceForm((choices) => {
  clearCharts();
  ask({ type: "reset", choices });
});
const sheet = element("sheet", HTMLElement);
const pad = new Pad(element("pad", HTMLCanvasElement), sheet, (ink, width) => {
  ask({ type: "draw", ink, width });
});

startButton.addEventListener("click", () => setRunning(!running));
stepButton.addEventListener("click", () => {
  setRunning(false);
  ask({ type: "step" });
});
resetButton.addEventListener("click", () => {
  setRunning(false);
  form.submit();
});
listenForFiles({
  save: () => ask({ type: "save" }),
  open: (name, bytes) => {
    // Nothing is asked of the page before the digits are there.
    if (resetButton.disabled) return;
    ask({ type: "open", name, bytes });
  },
  refuse,
});
element("clear", HTMLButtonElement).addEventListener("click", () => pad.clear());

const handlers: { readonly [T in Report["type"]]: (report: Report & { type: T }) => void } = {
  loading: ({ done }) => {
    const progress = element("progress", HTMLProgressElement);
    if (done === null) progress.removeAttribute("value");
    else progress.value = done;
  },
  ready: (report) => {
    grid = new DigitGrid(element("digits", HTMLCanvasElement), report);
    element("loading", HTMLElement).hidden = true;
    for (const button of buttons) button.disabled = false;
    const { build, threads, reason } = report.backend;
    const shared = threads === 1 ? "1 thread" : `${threads} threads`;
    const why = reason === null ? "" : `: ${reason}`;
    show("backend", `WebAssembly (${build}), ${shared}${why}.`);
    show("count", count(report.trainDigits));
    show("tested", count(report.testDigits));
    show("all-tested", count(report.allTestDigits));
    form.fill(report.models);
    form.submit();
  },
  digits: (report) => show("count", count(report.count)),
  standing: ({ standing }) => showStanding(standing),
  classified: ({ probabilities }) => verdict.show(probabilities),
  saved: ({ model, bytes }) => {
    const name = `digits-${model}.safetensors`;
    download(name, bytes);
    note(`Saved as ${name}.`);
  },
  opened: ({ name, choices }) => {
    setRunning(false);
    clearCharts();
    form.show(choices);
    note(`Opened ${name}.`);
  },
  refused: ({ message }) => refuse(message),
  failed: ({ message }) => fail(message),
};

worker.addEventListener("message", ({ data }: MessageEvent<Report>) => {
  const handler = handlers[data.type] as (report: Report) => void;
  handler(data);
});
worker.addEventListener("error", (event) => fail(event.message));
ask({ type: "load", folder: new URL("data/", document.baseURI).href });

function setRunning(value: boolean): void {
  running = value;
  startButton.textContent = running ? "Pause" : "Start";
  ask({ type: running ? "start" : "pause" });
}

function clearCharts(): void {
  lossChart.clear();
  accuracyChart.clear();
}

function showStanding(standing: Standing): void {
  const { steps, seen, rate, trainLoss, loss, trainAccuracy, accuracy, predictions } = standing;
  show("accuracy", percent(accuracy));
  show("accuracy-of", `of ${count(standing.tested)}`);
  if (trainAccuracy !== null) show("train-accuracy", percent(trainAccuracy));
  show("test-loss", loss.toFixed(3));
  show("seen", count(seen));
  show("steps", count(steps));
  show("rate", standing.running ? count(Math.round(rate)) : "–");
  lossChart.add(seen, [trainLoss, loss]);
  accuracyChart.add(seen, [trainAccuracy, accuracy]);
  confusion.show(standing.confusion);
  grid.show(predictions);
  paintWeights(weightsCanvas, standing.weights);
}

function show(id: string, text: string): void {
  element(id, HTMLElement).textContent = text;
}

/** Says what became of a file. */
function note(text: string): void {
  show("file-note", text);
  element("failure", HTMLElement).hidden = true;
}

function refuse(message: string): void {
  alarm(`The file is left alone. ${message}`);
}

function fail(message: string): void {
  alarm(`Something went wrong: ${message}`);
}

function alarm(text: string): void {
  show("file-note", "");
  const alert = element("failure", HTMLElement);
  alert.textContent = text;
  alert.hidden = false;
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
