/** Runs a program as the command line does, and remembers what it writes. */
import { Writable } from "node:stream";
import { main } from "./console.ts";
import { programs } from "./index.ts";

export async function run(
  ...argv: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof text): Writable =>
    new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        text[name] += chunk;
        done();
      },
    });
  const code = await main(argv, programs, { stdout: stream("stdout"), stderr: stream("stderr") });
  return { code, ...text };
}

/** The objects of a program's `--json` output. */
export async function runJson<T>(...argv: string[]): Promise<T[]> {
  const { code, stdout, stderr } = await run(...argv, "--json");
  if (code !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}
