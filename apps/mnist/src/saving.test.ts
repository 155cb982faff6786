/** `--save`, `--load`, `test` and `predict`: what the program does with models and images. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { mnist, parseSafetensors } from "@needle/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "./capture.fixture.ts";
import { main } from "./main.ts";
import { type ModelName, models } from "./models/index.ts";
import { pngOf } from "./png.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "needle-saving-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const world = capture();
  const code = await main(argv, world.io);
  return { code, stdout: world.stdout(), stderr: world.stderr() };
}

/** The JSON that the program prints last. */
async function result(...argv: string[]): Promise<Record<string, number>> {
  const { code, stdout, stderr } = await run(...argv, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
}

/** The line on stderr of a program that could not do what was asked. */
async function complaint(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  return stderr;
}

const quick = ["--limit", "300", "--epochs", "1"];
let model: string;
beforeAll(async () => {
  model = join(folder, "model.safetensors");
  await result("--limit", "6000", "--epochs", "3", "--save", model);
});

describe("--save and --load", () => {
  it.each(Object.keys(models) as ModelName[])(
    "%s: measured again, it is the same",
    async (name) => {
      const path = join(folder, `${name}.safetensors`);
      const { testLoss, testError } = await result("--model", name, ...quick, "--save", path);
      const again = await result("test", "--load", path, "--limit", "300");
      expect(again.testError).toBeCloseTo(testError!, 12);
      expect(again.testLoss).toBeCloseTo(testLoss!, 6);
      const { metadata } = parseSafetensors(readFileSync(path));
      expect(metadata.model).toBe(name);
    },
  );

  it("goes on where it was, with the model's kind and sizes", async () => {
    const path = join(folder, "small.safetensors");
    const flags = ["--hidden", "30", "--no-bias", "--limit", "500", "--epochs", "1"];
    const first = await result(...flags, "--save", path);
    const second = await result("--load", path, "--limit", "500", "--epochs", "1", "--save", path);
    expect(second.trainLoss).toBeLessThan(first.trainLoss!);
    const { metadata } = parseSafetensors(readFileSync(path));
    expect(metadata).toMatchObject({ model: "mlp", hidden: "30", bias: "false" });
    const third = await result("test", "--load", path, "--limit", "500");
    expect(third.testLoss).toBeCloseTo(second.testLoss!, 6);
  });

  it("says so, and leaves nothing beside the file", async () => {
    const own = mkdtempSync(join(folder, "own-"));
    const path = join(own, "m");
    const { stdout } = await run("--model", "softmax", ...quick, "--save", path);
    const size = readFileSync(path).length.toLocaleString("en");
    expect(stdout).toContain(`\nsaved to ${path}  (${size} bytes)\n`);
    expect(readdirSync(own)).toEqual(["m"]);
  });

  it("saves what was learned when it is stopped", async () => {
    const path = join(folder, "stopped");
    const world = capture({
      terminal: true,
      onWrite: (text, interrupt) => {
        if (text.includes("images/s")) interrupt();
      },
    });
    const flags = ["--backend", "reference", "--limit", "2000", "--save", path];
    expect(await main(flags, world.io)).toBe(130);
    expect(world.stdout()).toMatch(/stopped in epoch 1 of 3, after .*\nsaved to .*\n$/);
    expect((await result("test", "--load", path, "--limit", "300")).testError).toBeLessThan(1);
  });

  it("saves nothing where nothing was learned", async () => {
    const path = join(folder, "nothing");
    const world = capture();
    world.interrupt();
    expect(await main([...quick, "--save", path], world.io)).toBe(130);
    expect(existsSync(path)).toBe(false);
  });

  it("keeps the last good model when learning goes wrong", async () => {
    const path = join(folder, "diverging");
    await result("--model", "softmax", ...quick, "--save", path);
    const before = readFileSync(path);
    const flags = ["--optimizer", "sgd", "--lr", "1e30", ...quick, "--json"];
    const { code, stderr } = await run("--model", "mlp", ...flags, "--save", path);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: the model is not saved: .* values that are not finite\n$/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("refuses before it learns what it could not save", async () => {
    expect(await complaint(...quick, "--save", join(folder, "no", "m"))).toMatch(
      /^error: cannot save to .*\/no\/m: no such file or directory\n$/,
    );
    expect(await complaint(...quick, "--save", folder)).toBe(`error: ${folder} is not a file\n`);
  });

  it("lists all that differs from what the flags ask for", async () => {
    const flags = ["--model", "cnn", "--hidden", "64", ...quick];
    expect(await complaint("--load", model, ...flags)).toBe(
      [
        `error: ${model} is not the model that the flags ask for:`,
        "  --model cnn, but it holds mlp",
        "  --hidden 64, but its hidden layer has the width 128",
        "",
      ].join("\n"),
    );
    expect(await complaint("--load", model, "--no-bias", ...quick)).toContain(
      "\n  --no-bias, but it has biases\n",
    );
  });

  it("refuses a damaged file", async () => {
    const path = join(folder, "damaged");
    writeFileSync(path, readFileSync(model).subarray(0, 1000));
    expect(await complaint("--load", path, ...quick)).toMatch(
      /^error: .*damaged: .* ends at byte \d+ of the data, which has \d+\n$/,
    );
    writeFileSync(path, "hello there");
    expect(await complaint("test", "--load", path)).toMatch(/^error: .*damaged: a header of/);
  });
});

describe("test", () => {
  it("shows the accuracy, the confusion and the mistakes", async () => {
    const { code, stdout } = await run("test", "--load", model, "--limit", "1000");
    expect(code).toBe(0);
    const [, percent, right] = /^test accuracy ([\d.]+) % \((\d+) of 1,000 right\)\n/.exec(stdout)!;
    expect(Number(percent)).toBeCloseTo(Number(right) / 10, 5);
    expect(Number(percent)).toBeGreaterThan(85);
    const rows = [...stdout.matchAll(/^ {2}\d \|(( +[\d.]+){10}) +[\d.]+ %$/gm)];
    const counts = rows.map((row) => row[1]!.replaceAll(".", "0").trim().split(/ +/).map(Number));
    expect(counts.flat().reduce((sum, n) => sum + n)).toBe(1000);
    expect(counts.reduce((sum, row, i) => sum + row[i]!, 0)).toBe(Number(right));
    const shares = [...stdout.matchAll(/(\d+\.\d) %/g)].map(([, share]) => Number(share));
    const ofMistakes = shares.slice(-10);
    expect(ofMistakes).toEqual(ofMistakes.toSorted((a, b) => b - a));
    expect(stdout.match(/\d x is \d/g)).toHaveLength(10);
  });

  it.each([["test"], ["predict", "x.png"]])("%s needs a model", async (...argv) => {
    expect(await complaint(...argv)).toBe(
      `error: ${argv[0]} needs a model: --load FILE, made by training with --save FILE\n`,
    );
  });

  it("takes its flags after its name only", async () => {
    expect(await complaint("--load", model, "test")).toBe(
      "error: option '--load' stands before test; its flags come after it\n",
    );
    expect(
      await complaint("test", "--load", model, "--threads", "2", "--backend", "reference"),
    ).toBe("error: option '--threads' goes with --backend wasm only\n");
  });
});

describe("predict", () => {
  const count = 40;
  let pixels: ArrayLike<number>[];
  let labels: number[];
  beforeAll(async () => {
    const { test } = await mnist({ limit: count });
    const all = await test.images.data();
    labels = Array.from(await test.labels.data());
    pixels = labels.map((_, i) => all.subarray(784 * i, 784 * (i + 1)));
  });

  /** A file of a digit, dark on light paper, three times as large and off the middle. */
  function fileOf(i: number): string {
    const path = join(folder, `digit-${i}.png`);
    const [paper, ink] = [[240, 240, 235, 255] as const, [20, 20, 90, 255] as const];
    writeFileSync(path, pngOf(pixels[i]!, { scale: 3, margins: [40, 5, 9, 70], paper, ink }));
    return path;
  }

  it("reads digits as well as the model does", async () => {
    const { testError } = await result("test", "--load", model, "--limit", String(count));
    let wrong = 0;
    for (const [i, label] of labels.entries()) {
      const { digit } = await result("predict", fileOf(i), "--load", model);
      if (digit !== label) wrong++;
    }
    expect(Math.abs(wrong - testError! * count)).toBeLessThanOrEqual(1);
  });

  it("draws the digit, ten bars and the answer", async () => {
    const { digit, probabilities } = await result("predict", fileOf(0), "--load", model);
    expect((probabilities as unknown as number[]).reduce((sum, p) => sum + p)).toBeCloseTo(1, 5);
    const { code, stdout } = await run("predict", fileOf(0), "--load", model);
    expect(code).toBe(0);
    const bars = stdout.split("\n").filter((line) => /\d #* +[\d.]+ %$/.test(line));
    expect(bars).toHaveLength(10);
    expect(stdout).toMatch(new RegExp(`\n\nThis looks like a ${digit} \\([\\d.]+ %\\)\\.\n$`));
    expect(stdout).toContain("@");
  });

  it.each([40, 80, 120])("fits a terminal of %d columns", async (columns) => {
    const world = capture({ terminal: true });
    Object.assign(world.io.stdout, { columns });
    expect(await main(["predict", fileOf(1), "--load", model], world.io)).toBe(0);
    const lines = stripVTControlCharacters(world.stdout()).split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
  });

  it("says what is wrong with an image", async () => {
    const of = (...argv: string[]): Promise<string> =>
      complaint("predict", ...argv, "--load", model);
    const path = join(folder, "broken.png");
    expect(await of(join(folder, "no.png"))).toMatch(/^error: cannot read .*no\.png: no such file/);
    expect(await of(folder)).toMatch(/^error: cannot read .*: illegal operation on a directory\n$/);
    writeFileSync(path, "hello");
    expect(await of(path)).toBe(`error: ${path}: not a PNG image\n`);
    writeFileSync(path, readFileSync(fileOf(0)).subarray(0, 200));
    expect(await of(path)).toMatch(
      /^error: .*broken\.png: a truncated PNG: its IDAT has \d+ bytes/,
    );
    writeFileSync(path, pngOf(new Float32Array(784)));
    expect(await of(path)).toBe(`error: ${path}: nothing is drawn on the image\n`);
    expect(await complaint("predict", "--load", model)).toBe(
      "error: missing required argument 'image'\n",
    );
  });
});
