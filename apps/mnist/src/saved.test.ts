/** Models as bytes: they come back as they were, and what does not fit is refused, all of it named. */
import { formatSafetensors, parseSafetensors } from "@needle/data";
import { array, manualSeed, NumpyGenerator, ones, zeros } from "@needle/ndarray";
import { describe, expect, test } from "vitest";
import { type ModelName, models } from "./models/index.ts";
import type { Learner } from "./models/model.ts";
import { type Architecture, formatModel, ModelFileError, parseModel, restore } from "./saved.ts";

const names = Object.keys(models) as ModelName[];

function architectureOf(model: ModelName): Architecture {
  return { model, hidden: models[model].hidden === null ? 0 : 20, bias: true };
}

function create({ model, hidden, bias }: Architecture, seed = 0): Learner {
  manualSeed(seed);
  const optimizer = "sgd";
  return models[model].create({ hidden, bias, optimizer, lr: 0.1, momentum: 0, weightDecay: 0 });
}

/** All values of a learner by name. */
function valuesOf(learner: Learner): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(learner.state()).map(([name, value]) => [name, value.toArray()]),
  );
}

/** A file that says of itself what is given, of an mlp with four hidden units. */
async function fileOf(
  metadata: Record<string, string> = {},
  tensors = create({ model: "mlp", hidden: 4, bias: true }).state(),
): Promise<Uint8Array> {
  const own = { program: "needle-mnist", model: "mlp", hidden: "4", bias: "true" };
  return formatSafetensors(tensors, { ...own, ...metadata });
}

describe("a saved model", () => {
  test.each(names)("%s comes back as it was", async (name) => {
    const architecture = architectureOf(name);
    const [first, second] = [create(architecture), create(architecture, 7)];
    for (const [i, value] of Object.values(first.state()).entries()) value.assign(i + 0.5);
    const saved = parseModel(await formatModel(first, architecture), "a file");
    expect(saved.architecture).toEqual(architecture);
    expect(valuesOf(second)).not.toEqual(valuesOf(first));
    await restore(second, saved);
    expect(valuesOf(second)).toEqual(valuesOf(first));
  });

  test("has the running statistics as well", async () => {
    const { tensors } = parseSafetensors(
      await formatModel(create(architectureOf("mlp-resnet")), architectureOf("mlp-resnet")),
    );
    expect(Object.keys(tensors).filter((name) => /running/.test(name))).not.toEqual([]);
  });

  test("says whether it has biases", async () => {
    const architecture = { ...architectureOf("mlp"), bias: false };
    const saved = parseModel(await formatModel(create(architecture), architecture), "a file");
    expect(saved.architecture.bias).toBe(false);
    await restore(create(saved.architecture, 3), saved);
  });

  test("is not made of what is not finite", async () => {
    const learner = create(architectureOf("softmax"));
    learner.state().weight!.assign(Number.NaN);
    await expect(formatModel(learner, architectureOf("softmax"))).rejects.toThrow(
      "the model is not saved: weight has 7840 of 7840 values that are not finite",
    );
  });
});

describe("refused is", () => {
  const refusal = async (bytes: Uint8Array): Promise<string> => {
    try {
      await restore(create({ model: "mlp", hidden: 4, bias: true }), parseModel(bytes, "m.st"));
    } catch (error) {
      expect(error).toBeInstanceOf(ModelFileError);
      return (error as Error).message;
    }
    throw new Error("it was taken");
  };

  test.each([
    [{ program: "other" }, "m.st: was not saved by needle-mnist"],
    [{ model: "gpt" }, 'm.st: holds the model "gpt", unknown here'],
    [{ model: "toString" }, 'm.st: holds the model "toString", unknown here'],
    [{ hidden: "-4" }, 'm.st: says that the hidden layer of mlp has the width "-4"'],
    [{ hidden: "4e9" }, 'm.st: says that the hidden layer of mlp has the width "4e9"'],
    [{ hidden: "0" }, 'm.st: says that the hidden layer of mlp has the width "0"'],
    [{ model: "softmax" }, 'm.st: says that the hidden layer of softmax has the width "4"'],
    [{ bias: "maybe" }, 'm.st: says that mlp has biases: "maybe"'],
    [{ model: "cnn", bias: "false" }, 'm.st: says that cnn has biases: "false"'],
  ])("a file that says %j", async (metadata, message) => {
    expect(await refusal(await fileOf(metadata as Record<string, string>))).toBe(message);
  });

  test("a width that the bytes have no room for, before a model of it is made", async () => {
    const bytes = await fileOf({ hidden: "999999999" });
    expect(await refusal(bytes)).toBe(
      `m.st: says that the hidden layer has the width 999999999, but has only ${bytes.length} bytes`,
    );
  });

  test("a file without metadata, and what is no safetensors file", async () => {
    expect(await refusal(await formatSafetensors({ x: ones([2]) }))).toBe(
      "m.st: was not saved by needle-mnist",
    );
    expect(await refusal(new Uint8Array(3))).toBe(
      "m.st: 3 bytes, too few for the length of a header",
    );
  });

  test("a model with other arrays: all of them are named, and nothing is changed", async () => {
    const learner = create({ model: "mlp", hidden: 4, bias: true });
    const before = valuesOf(learner);
    const own = Object.keys(before);
    const [first, second] = own as [string, string];
    const { [first]: _, ...rest } = learner.state();
    const tensors = { ...rest, [second]: zeros([5], { dtype: "float64" }), extra: zeros([9, 999]) };
    const bytes = await fileOf({}, tensors);
    expect(await refusal(bytes)).toBe(
      [
        "m.st does not fit:",
        `  missing ${first}, float32 [784,4]`,
        `  ${second} is float64 [5], expected float32 [4]`,
        "  unexpected extra, float32 [9,999]",
      ].join("\n"),
    );
    await expect(restore(learner, parseModel(bytes, "m.st"))).rejects.toThrow("does not fit");
    expect(valuesOf(learner)).toEqual(before);
  });

  test("values that are not finite", async () => {
    const learner = create({ model: "mlp", hidden: 4, bias: true });
    const name = Object.keys(learner.state())[1]!;
    const tensors = { ...learner.state(), [name]: array([1, Number.NaN, 2, Number.NaN]) };
    expect(await refusal(await fileOf({}, tensors))).toBe(
      `m.st does not fit:\n  ${name} has 2 of 4 values that are not finite`,
    );
  });

  test("any damage, by a sentence, unless it leaves a model", async () => {
    const good = await fileOf();
    const header = 8 + Number(new DataView(good.buffer).getBigUint64(0, true));
    const { random } = new NumpyGenerator(5);
    for (let run = 0; run < 300; run++) {
      const bytes = good.slice(
        0,
        run % 3 === 0 ? random.randint(0, good.length, 1)[0]! : undefined,
      );
      const at = random.randint(0, header, 1)[0]!;
      if (at < bytes.length) bytes[at] = random.randint(0, 256, 1)[0]!;
      try {
        const learner = create({ model: "mlp", hidden: 4, bias: true });
        await restore(learner, parseModel(bytes, "m.st"));
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFileError);
      }
    }
  });
});
