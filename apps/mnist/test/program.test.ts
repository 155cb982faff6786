/** The built program as a process: what signals and closed pipes do to it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSafetensors } from "@needle/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

beforeAll(() => {
  if (!existsSync(program)) throw new Error(`${program} is missing: run \`npm run build\` first`);
});

function start(...argv: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [program, ...argv]);
}

interface Ended {
  /**
   * As a shell gives it: a process that a signal met while it was ending has 128 and the signal's
   * number.
   */
  code: number;
  stdout: string;
  stderr: string;
}

/** Waits for the end; `onOutput` is called once, when there is output. */
function ended(child: ChildProcessWithoutNullStreams, onOutput?: () => void): Promise<Ended> {
  const text = { stdout: "", stderr: "" };
  child.stdout.once("data", () => onOutput?.());
  child.stdout.on("data", (chunk) => {
    text.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    text.stderr += chunk;
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      resolve({ code: code ?? 128 + constants.signals[signal!], ...text });
    });
  });
}

const endless = ["--json", "--limit", "500", "--epochs", "100000"];

it("trains and exits with 0", async () => {
  const { code, stdout, stderr } = await ended(
    start("--model", "softmax", "--limit", "100", "--epochs", "1", "--json"),
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ epoch: 1 });
});

it("exits with 2 and one line for a wrong flag", async () => {
  const { code, stdout, stderr } = await ended(start("--epochs", "none"));
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^error: .*\n$/);
});

it("stops cleanly on Ctrl-C, also when npm passes it on twice", async () => {
  const child = start(...endless);
  const { code, stderr } = await ended(child, () => {
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGINT"), 20);
  });
  expect(code).toBe(130);
  expect(stderr).toMatch(/^stopped in epoch \d+ of 100000, .*\n$/);
});

it("ends quietly when its reader has seen enough", async () => {
  const child = start(...endless);
  const { code, stderr } = await ended(child, () => child.stdout.destroy());
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

describe("a program that dies while it saves", () => {
  const folder = mkdtempSync(join(tmpdir(), "needle-program-"));
  const path = join(folder, "model.safetensors");
  afterAll(() => rmSync(folder, { recursive: true }));
  const saving = ["--limit", "100", "--epochs", "1", "--save", path];

  it.skipIf(process.platform === "win32")("leaves the model that was there", async () => {
    expect((await ended(start(...saving))).code).toBe(0);
    const before = readFileSync(path);
    // A limit on the size of files, in blocks of at most 1 KB, ends it amid the 400 KB of the next.
    const limited = 'ulimit -f 100; exec "$0" "$@"';
    const child = spawn("sh", ["-c", limited, process.execPath, program, "--seed", "1", ...saving]);
    expect((await ended(child)).code).not.toBe(0);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("leaves a whole model whenever it is killed", async () => {
    for (const pause of [0, 3, 11, 29, 47]) {
      const child = start(...endless, "--save", path);
      await ended(child, () => setTimeout(() => child.kill("SIGKILL"), pause));
      const { tensors, metadata } = parseSafetensors(readFileSync(path));
      expect(metadata).toMatchObject({ program: "needle-mnist", model: "mlp", hidden: "128" });
      expect(Object.keys(tensors)).toHaveLength(4);
    }
  });
});
