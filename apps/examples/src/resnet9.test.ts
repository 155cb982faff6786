import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rand, tensor } from "@needle/autograd";
import { createWasmBackend } from "@needle/backend-wasm";
import { manualSeed, setDefaultBackend } from "@needle/ndarray";
import { crossEntropy } from "@needle/nn";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run, runJson } from "./capture.fixture.ts";
import { writeEmoji } from "./emoji.fixture.ts";
import { emoji } from "./emoji.ts";
import { resNet9 } from "./resnet9.ts";

const folder = writeEmoji();
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => setDefaultBackend(await createWasmBackend()));

// The course's loss of the first batch of CIFAR-10, 3.5892, needs that data, which is not here.
describe("ResNet9", () => {
  test("has the course's 431,946 parameters", () => {
    const sizes = resNet9()
      .parameters()
      .map(({ size }) => size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(431_946);
  });

  test("gives scores for images of CIFAR-10's shape, and every parameter a gradient", () => {
    manualSeed(0);
    const model = resNet9();
    const scores = model.forward(rand([4, 3, 32, 32]));
    expect(scores.shape).toEqual([4, 10]);
    crossEntropy(scores, tensor([0, 9, 3, 3], { dtype: "int32" })).backward();
    for (const [name, { grad }] of model.namedParameters()) {
      expect([name, grad?.isFinite().all().item()]).toEqual([name, 1]);
      // What comes before BatchNorm has no use for a bias.
      if (!name.endsWith("bias")) expect(grad!.abs().max().item()).toBeGreaterThan(0);
    }
  });
});

describe("emoji", () => {
  test("are cut from the sheets, on white, one vendor held out", () => {
    const { train, test: rest, names } = emoji(folder, "twitter");
    expect(names).toEqual(["Flags", "Objects", "Symbols"]);
    expect([train.length, rest.length]).toEqual([70, 35]);
    expect(rest.labels.slice([0, 4]).toArray()).toEqual([0, 1, 2, 0]);
    // The second, green: its first pixel is a fifth there, 200 / 5 + 255 * 4 / 5.
    expect(rest.pixels.slice(1, [], 0, 0).toArray()).toEqual([204, 244, 204]);
    expect(rest.pixels.slice(1, [], 0, 1).toArray()).toEqual([0, 200, 0]);
    expect(rest.pixels.slice(1, [], 31, 31).toArray()).toEqual([255, 255, 255]);
  });

  test("that are missing or damaged are named", async () => {
    const complaint = async (...flags: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run("resnet9", ...flags);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      return stderr;
    };
    expect(await complaint("--emoji", join(folder, "nowhere"))).toMatch(
      /nowhere needs the emoji of twitter and of others, found none: npm run emoji fetches them\n$/,
    );
    expect(await complaint("--emoji", folder, "--held-out", "nobody")).toMatch(
      /needs the emoji of nobody and of others, found apple, google, twitter/,
    );
    expect(await complaint("--cifar", folder)).toMatch(
      /^error: cifar10: cannot read \S+data_batch_1\.bin/,
    );
    const damaged = writeEmoji();
    truncateSync(join(damaged, "google", "32.png"), 100);
    expect(await complaint("--emoji", damaged)).toMatch(/cannot read \S+google\/32\.png \(/);
    const list = join(damaged, "apple", "emoji.json");
    const outside = { category: "Flags", sheet_x: 6, sheet_y: 0, has_img_apple: true };
    writeFileSync(list, JSON.stringify([outside]));
    expect(await complaint("--emoji", damaged)).toBe(
      `error: ${list}: place 6, 0 is outside of the sheet of 204 x 204\n`,
    );
    writeFileSync(list, "{}");
    expect(await complaint("--emoji", damaged)).toBe(`error: ${list} holds no list\n`);
    rmSync(damaged, { recursive: true });
  });
});

test("learns to tell the colours of a vendor it has not seen", async () => {
  const flags = ["resnet9", "--emoji", folder, "--epochs", "6", "--batch-size", "14"];
  const epochs = await runJson<Record<string, number>>(...flags);
  expect(epochs).toHaveLength(6);
  expect(epochs[5]!.trainLoss).toBeLessThan(epochs[0]!.trainLoss! / 2);
  expect(epochs[5]!.majority).toBeCloseTo(12 / 35, 6);
  expect(epochs[5]!.accuracy).toBeGreaterThan(0.8);
});
