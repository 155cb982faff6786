import { expect, test } from "vitest";
import { run } from "./capture.fixture.ts";
import { programs } from "./index.ts";

test("help lists every program and ends with 0", async () => {
  const { code, stdout, stderr } = await run("--help");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const [name, { summary }] of Object.entries(programs)) {
    expect(stdout).toContain(name);
    expect(stdout.replace(/\s+/g, " ")).toContain(summary);
  }
  expect(await run()).toEqual({ code, stdout, stderr });
});

test.each(Object.keys(programs))("help of %s lists the flags that all have", async (name) => {
  const { code, stdout } = await run(name, "--help");
  expect(code).toBe(0);
  for (const flag of ["--epochs", "--limit", "--seed", "--backend", "--threads", "--json"]) {
    expect(stdout).toContain(flag);
  }
});

test.each([
  [["nothing"], "error: unknown command 'nothing'\n"],
  [
    ["autoencoder", "--epochs", "0"],
    "error: option '--epochs <n>' argument '0' is invalid. It must be a whole number of at least 1.\n",
  ],
  [
    ["autoencoder", "--seed", "4294967296"],
    "error: option '--seed <n>' argument '4294967296' is invalid. It must be a whole number from 0 to 4294967295.\n",
  ],
  [
    ["autoencoder", "--backend", "reference", "--threads", "2"],
    "error: option '--threads' goes with --backend wasm only\n",
  ],
])("%j ends with 2 and one line", async (argv, stderr) => {
  expect(await run(...argv)).toEqual({ code: 2, stdout: "", stderr });
});
