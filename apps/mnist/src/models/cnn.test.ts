import { rand, zeros } from "@needle/autograd";
import { createWasmBackend } from "@needle/backend-wasm";
import { mnist } from "@needle/data";
import { manualSeed, setDefaultBackend } from "@needle/ndarray";
import { beforeAll, expect, it } from "vitest";
import { cnn, moved } from "./cnn.ts";
import { models } from "./index.ts";
import type { Learner } from "./model.ts";

beforeAll(async () => setDefaultBackend(await createWasmBackend()));

it("has a weight for each product and a bias for each output", () => {
  const convolutions = 9 * 32 + 32 + (9 * 32 * 64 + 64);
  const dense = 12 * 12 * 64 * 128 + 128 + (128 * 10 + 10);
  const parameters = cnn(28).parameters();
  expect(parameters.reduce((total, { size }) => total + size, 0)).toBe(convolutions + dense);
});

it("gives a score for each class, of images of any size", () => {
  expect(cnn(28, { hidden: 5 }).forward(rand([2, 784])).shape).toEqual([2, 10]);
  expect(cnn(9, { hidden: 5, classes: 3 }).forward(rand([4, 81])).shape).toEqual([4, 3]);
});

it("sees where things are: moving an image's pixels about changes its scores", () => {
  manualSeed(0);
  const model = cnn(9, { hidden: 5 }).eval();
  const x = rand([1, 81]);
  const difference = model
    .forward(x)
    .sub(model.forward(x.flip(1)))
    .abs()
    .max()
    .item();
  expect(difference).toBeGreaterThan(1e-4);
});

it("learns from images that are moved by up to two pixels, each its own way", () => {
  manualSeed(0);
  const images = zeros([200, 81]);
  images.value.slice([], 40).fill(1);
  const places = moved(images).argmax(1).toArray() as number[];
  const moves = places.map((place) => [Math.floor(place / 9) - 4, (place % 9) - 4]);
  expect(moved(images).sum().item()).toBe(200);
  for (const axis of [0, 1]) {
    expect([...new Set(moves.map((move) => move[axis]))].sort()).toEqual([-1, -2, 0, 1, 2]);
  }
});

/** A small one as the trainer makes it. */
function learnerOf(steps?: number): Learner {
  const settings = { hidden: 128, bias: true, momentum: 0, weightDecay: 0 };
  return models.cnn.create({ ...settings, optimizer: "adam", lr: 0.001, steps });
}

it("learns less and less until the steps are done, without an end always as much", () => {
  for (const [steps, learns] of [
    [2, false],
    [undefined, true],
  ] as const) {
    manualSeed(0);
    const learner = learnerOf(steps);
    const [x, y] = [rand([4, 784]), zeros([4], { dtype: "int32" })];
    for (let step = 0; step < 2; step++) learner.step(x, y);
    const before = learner.scores(x).toArray();
    learner.step(x, y);
    expect(JSON.stringify(learner.scores(x).toArray()) !== JSON.stringify(before)).toBe(learns);
  }
});

it("learns most digits from a few hundred", async () => {
  manualSeed(0);
  const { train, test } = await mnist({ limit: 400 });
  const learner = learnerOf(40);
  const losses: number[] = [];
  for (let step = 0; step < 40; step++) {
    const from = (step % 10) * 40;
    const [x, y] = train.batch(Int32Array.from({ length: 40 }, (_, i) => from + i));
    losses.push(learner.step(x, y).item());
  }
  expect(Math.max(...losses.slice(-3))).toBeLessThan(losses[0]! / 2);
  const [x, y] = test.batch(Int32Array.from({ length: 200 }, (_, i) => i));
  const accuracy = learner.scores(x).argmax(1).eq(y).mean().item();
  // A tenth would be chance.
  expect(accuracy).toBeGreaterThan(0.6);
});
