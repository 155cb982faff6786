/**
 * Training in a browser: a worker that makes the WebAssembly backend, fetches the digits, and learns
 * batch after batch, with a turn for messages between two. The page only shows what it is told.
 */
import { createWasmBackend } from "@needle/backend-wasm";
import type { MnistDataset } from "@needle/data";
import { fromTypedArray, setDefaultBackend } from "@needle/ndarray";
import { toDigit } from "../../src/digit.ts";
import { fetchDigits, joined } from "./fetch-digits.ts";
import type { Choices, Report, Request } from "./messages.ts";
import { modelChoices, Training } from "./training.ts";

/** Test digits whose predictions are shown. */
const shown = 50;

/** Milliseconds between two reports at least; a slow test makes them rarer still. */
const pause = 300;

/** The digits that the model is tested on: every tenth. */
const testPositions = Int32Array.from({ length: 1000 }, (_, i) => 10 * i);

let train: MnistDataset;
let test: MnistDataset;
let training: Training | null = null;
let drawn: Float32Array | null = null;

// What the page has asked for and the loop has not done yet.
let asked: Choices | null = null;
let running = false;
let stepsAsked = 0;
let reportAsked = false;
let wake = (): void => {};

const handlers: { readonly [T in Request["type"]]: (request: Request & { type: T }) => unknown } = {
  load: ({ folder }) => main(folder),
  reset: ({ choices }) => {
    asked = choices;
  },
  start: () => {
    running = true;
  },
  pause: () => {
    running = false;
    reportAsked = true;
  },
  step: () => {
    stepsAsked++;
  },
  draw: ({ ink, width }) => {
    drawn = ink && toDigit(ink, width);
    return classify();
  },
};

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  const handler = handlers[data.type] as (request: Request) => unknown;
  Promise.resolve(handler(data)).catch(fail);
  wake();
});

async function main(folder: string): Promise<void> {
  const backend = await createWasmBackend();
  setDefaultBackend(backend);
  // The test's digits come first and are about as many bytes.
  const tell = (from: number) => (loaded: number, total: number) =>
    send({ type: "loading", done: total === 0 ? null : (from + loaded / total) / 2 });
  test = await fetchDigits(folder, "test", tell(0));
  train = await fetchDigits(folder, "first", tell(1));

  const positions = fromTypedArray(testPositions.slice(0, shown), [shown]);
  const { threads, reason, build } = backend.info();
  send({
    type: "ready",
    models: modelChoices(),
    pixels: Uint8Array.from(await test.pixels.take(positions, 0).data()),
    labels: Uint8Array.from(await test.labels.value.take(positions, 0).data()),
    testDigits: testPositions.length,
    trainDigits: train.length,
    backend: { build, threads, reason },
  });
  await Promise.all([work(), fetchOthers(folder)]);
}

/** The other training digits come while the first are learned from; the next pass has them all. */
async function fetchOthers(folder: string): Promise<void> {
  const rest = await fetchDigits(folder, "rest");
  train = joined(train, rest);
  send({ type: "digits", count: train.length });
}

/** Does what is asked for, one thing after another, for as long as the page is open. */
async function work(): Promise<never> {
  let since = new Interval();
  for (;;) {
    if (asked !== null) {
      await training?.end();
      training = new Training(asked, () => train);
      asked = null;
      since = new Interval();
      reportAsked = true;
    }
    if (training !== null && (running || stepsAsked > 0)) {
      stepsAsked = Math.max(0, stepsAsked - 1);
      since.add(await training.step(), training.seen);
      reportAsked ||= !running;
    }
    if (training !== null && (reportAsked || since.isOver())) {
      reportAsked = false;
      since = await report(training, since);
    }
    if (asked !== null || running || stepsAsked > 0 || reportAsked) await turn();
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}

/** What happened since the last report. */
class Interval {
  readonly #start = performance.now();
  readonly #length: number;
  readonly #seenBefore: number;
  #seen: number;
  #lossSum = 0;
  #batches = 0;

  constructor(length = pause, seen = 0) {
    this.#length = length;
    this.#seenBefore = this.#seen = seen;
  }

  add(loss: number, seen: number): void {
    this.#lossSum += loss;
    this.#batches++;
    this.#seen = seen;
  }

  isOver(): boolean {
    return this.#batches > 0 && performance.now() - this.#start > this.#length;
  }

  /** The mean loss of its batches; null where there were none. */
  get loss(): number | null {
    return this.#batches === 0 ? null : this.#lossSum / this.#batches;
  }

  /** Digits a second. */
  get rate(): number {
    return ((this.#seen - this.#seenBefore) * 1000) / (performance.now() - this.#start);
  }
}

/** Tests and tells the page; gives the interval that begins. */
async function report(training: Training, since: Interval): Promise<Interval> {
  const { loss, rate } = since;
  const start = performance.now();
  const result = await training.test(test, testPositions, async () => {
    await turn();
    return asked === null;
  });
  if (result === null) return since;
  const { steps, seen } = training;
  const weights = await training.weights();
  const predictions = result.predictions.slice(0, shown);
  const standing = { ...result, predictions, running, steps, seen, rate, trainLoss: loss, weights };
  send({ type: "standing", standing });
  await classify();
  return new Interval(Math.max(pause, 3 * (performance.now() - start)), seen);
}

async function classify(): Promise<void> {
  if (training === null) return;
  const probabilities = drawn && (await training.classify(drawn));
  send({ type: "classified", probabilities });
}

const channel = new MessageChannel();

/** Lets messages be heard. Unlike a timer, of which browsers lengthen each after some. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });
}

function send(report: Report): void {
  postMessage(report);
}

function fail(error: unknown): void {
  console.error(error);
  send({ type: "failed", message: error instanceof Error ? error.message : String(error) });
}
