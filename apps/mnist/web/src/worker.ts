/**
 * Training in a browser: a worker that makes the WebAssembly backend, fetches the digits, and learns
 * batch after batch, with a turn for messages between two. The page only shows what it is told.
 */
import { createWasmBackend } from "@needle/backend-wasm";
import type { MnistDataset } from "@needle/data";
import { fromTypedArray, setDefaultBackend } from "@needle/ndarray";
import { toDigit } from "../../src/digit.ts";
import { ModelFileError, parseModel, type SavedModel } from "../../src/saved.ts";
import { fetchDigits, joined } from "./fetch-digits.ts";
import type { Choices, Report, Request, Standing } from "./messages.ts";
import { choicesFor, modelChoices, type TestResult, Training } from "./training.ts";

/** Test digits whose predictions are shown. */
const shown = 50;

/** Milliseconds between two reports at least; a slow test makes them rarer still. */
const pause = 300;

/** While it learns, the model is tested on every tenth digit of those it is tested on at the end. */
const every = 10;
const somePositions = Int32Array.from({ length: 1000 }, (_, i) => every * i);

let train: MnistDataset;
let test: MnistDataset;
let training: Training | null = null;
let drawn: Float32Array | null = null;

/** What a training begins with. */
interface Beginning {
  readonly choices: Choices;
  readonly saved: SavedModel | null;
}

// What the page has asked for and the loop has not done yet.
let asked: Beginning | null = null;
let saveAsked = false;
/** Whether all test digits are still to be asked about what was learned. */
let fullTestDue = false;
let running = false;
let stepsAsked = 0;
let reportAsked = false;
let wake = (): void => {};

const handlers: { readonly [T in Request["type"]]: (request: Request & { type: T }) => unknown } = {
  load: ({ folder }) => main(folder),
  reset: ({ choices }) => {
    asked = { choices, saved: null };
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
  save: () => {
    saveAsked = true;
  },
  open: ({ name, bytes }) => {
    const saved = parseModel(bytes, name);
    asked = { choices: choicesFor(saved.architecture.model), saved };
  },
  draw: ({ ink, width }) => {
    drawn = ink && toDigit(ink, width);
    return classify();
  },
};

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  const handler = handlers[data.type] as (request: Request) => unknown;
  void (async () => handler(data))().catch(fail);
  wake();
});

async function main(folder: string): Promise<void> {
  const backend = await createWasmBackend();
  setDefaultBackend(backend);
  // The two are about as many bytes.
  const parts = [0, 0];
  const tell = (part: number) => (loaded: number, total: number) => {
    parts[part] = loaded / total;
    const done = (parts[0]! + parts[1]!) / 2;
    send({ type: "loading", done: Number.isFinite(done) ? done : null });
  };
  [test, train] = await Promise.all([
    fetchDigits(folder, "test", tell(0)),
    fetchDigits(folder, "first", tell(1)),
  ]);

  const positions = fromTypedArray(somePositions.slice(0, shown), [shown]);
  const { threads, reason, build } = backend.info();
  send({
    type: "ready",
    models: modelChoices(),
    pixels: Uint8Array.from(await test.pixels.take(positions, 0).data()),
    labels: Uint8Array.from(await test.labels.value.take(positions, 0).data()),
    testDigits: somePositions.length,
    allTestDigits: test.length,
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
      await begin(asked);
      since = new Interval();
    }
    if (training !== null && (running || stepsAsked > 0)) {
      stepsAsked = Math.max(0, stepsAsked - 1);
      since.add(await training.step(), training.seen);
      reportAsked ||= !running;
    }
    if (training !== null && saveAsked) await save(training);
    if (training !== null && (reportAsked || since.isOver())) {
      reportAsked = false;
      since = await report(training, since);
    }
    if (isBusy() || saveAsked || reportAsked) await turn();
    else if (training !== null && fullTestDue) await testAll(training);
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}

/** Whether something is asked for that changes the model. */
function isBusy(): boolean {
  return asked !== null || running || stepsAsked > 0;
}

/** Begins a training; the one there was goes on where a file does not hold what it says. */
async function begin(beginning: Beginning): Promise<void> {
  asked = null;
  const { choices, saved } = beginning;
  try {
    const next = await Training.begin(choices, () => train, saved);
    await training?.end();
    training = next;
  } catch (error) {
    fail(error);
    return;
  }
  if (saved !== null) {
    running = false;
    send({ type: "opened", name: saved.name, choices });
  }
  reportAsked = true;
}

async function save(training: Training): Promise<void> {
  saveAsked = false;
  try {
    send({ type: "saved", model: training.model, bytes: await training.save() });
  } catch (error) {
    fail(error);
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

/** Tests on some digits and tells the page; gives the interval that begins. */
async function report(training: Training, since: Interval): Promise<Interval> {
  const start = performance.now();
  const goesOn = async (): Promise<boolean> => {
    await turn();
    return asked === null;
  };
  const result = await training.test(test, somePositions, goesOn);
  const ofTrain = result && (await training.test(train, somePositions, goesOn));
  if (result === null || ofTrain === null) return since;
  const { loss: trainLoss, rate } = since;
  const shares = { trainLoss, trainAccuracy: ofTrain.accuracy, rate };
  await tell(training, { ...result, ...shares, predictions: result.predictions.slice(0, shown) });
  await classify();
  fullTestDue = !running;
  // The first test is slow for other reasons than its digits.
  const cost = training.steps === 0 ? 0 : performance.now() - start;
  const length = Math.max(pause, 3 * cost);
  return new Interval(length, training.seen);
}

/** Tests on all digits and tells the page, unless something is asked for meanwhile. */
async function testAll(training: Training): Promise<void> {
  fullTestDue = false;
  const positions = Int32Array.from({ length: test.length }, (_, i) => i);
  const result = await training.test(test, positions, async () => {
    await turn();
    return !isBusy() && !saveAsked;
  });
  if (result === null) {
    // A file changes nothing about what is to be known.
    fullTestDue = !isBusy();
    return;
  }
  const predictions = result.predictions.filter((_, i) => i % every === 0).slice(0, shown);
  await tell(training, { ...result, predictions, trainLoss: null, trainAccuracy: null, rate: 0 });
}

type Shares = Pick<Standing, "trainLoss" | "trainAccuracy" | "rate">;

async function tell(training: Training, result: TestResult & Shares): Promise<void> {
  const { steps, seen } = training;
  const weights = await training.weights();
  const tested = result.confusion.reduce((sum, count) => sum + count);
  send({ type: "standing", standing: { ...result, running, steps, seen, tested, weights } });
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
  if (error instanceof ModelFileError) {
    send({ type: "refused", message: error.message });
    return;
  }
  console.error(error);
  send({ type: "failed", message: error instanceof Error ? error.message : String(error) });
}
