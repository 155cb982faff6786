/** How the suite is registered; that it can fail is for the mutants to show. */
import { describe, expect, test } from "vitest";
import { createReferenceBackend } from "../backends/reference/index.ts";
import { ArgumentError } from "../errors.ts";
import { conformanceCases, type Skip, type TestFunction, testBackend } from "./conformance.ts";

interface Registered {
  readonly run: string[];
  readonly skipped: string[];
  readonly bodies: (() => void | Promise<void>)[];
}

/** What a runner is asked to run and to skip. */
function register(skip?: readonly Skip[], create = createReferenceBackend): Registered {
  const registered: Registered = { run: [], skipped: [], bodies: [] };
  const record: TestFunction = (name, body) => {
    registered.run.push(name);
    registered.bodies.push(body);
  };
  const runner = Object.assign(record, {
    skip: (name: string) => void registered.skipped.push(name),
  });
  testBackend(create, { describe: (_, body) => body(), test: runner, skip });
  return registered;
}

describe("testBackend", () => {
  test("registers every case once, by a name of its own", () => {
    const { run, skipped } = register();
    expect(run).toEqual(conformanceCases.map(({ name }) => name));
    expect(new Set(run).size).toBe(run.length);
    expect(skipped).toEqual([]);
  });

  test("makes the backend once, and not before a test runs", async () => {
    let made = 0;
    const { bodies } = register([], () => {
      made += 1;
      return createReferenceBackend();
    });
    expect(made).toBe(0);
    await bodies[0]!();
    await bodies[1]!();
    expect(made).toBe(1);
  });

  test("registers skipped cases with their reason", () => {
    const { run, skipped } = register([
      { reason: "no float64 in this device", cases: ["sum float64", "exp float64"] },
    ]);
    expect(skipped).toEqual([
      "exp float64 (no float64 in this device)",
      "sum float64 (no float64 in this device)",
    ]);
    expect(run).not.toContain("sum float64");
    expect(run.length).toBe(conformanceCases.length - 2);
  });

  test("works with a runner that cannot skip", () => {
    const names: string[] = [];
    const skip = [{ reason: "later", cases: ["sum int32"] }];
    testBackend(createReferenceBackend, {
      describe: (_, body) => body(),
      test: (name) => void names.push(name),
      skip,
    });
    expect(names.length).toBe(conformanceCases.length - 1);
  });

  test("refuses to skip a case that does not exist", () => {
    const error = new ArgumentError(
      "testBackend",
      'there is no case "sum float16" to skip',
      "conformanceCases lists them.",
    );
    expect(() => register([{ reason: "half precision", cases: ["sum float16"] }])).toThrow(error);
  });

  test("refuses a skip without a reason", () => {
    const error = new ArgumentError("testBackend", "a skip needs a reason (sum int32)");
    expect(() => register([{ reason: " ", cases: ["sum int32"] }])).toThrow(error);
  });

  test("frees every buffer, also where a case fails", async () => {
    const right = createReferenceBackend();
    const live = new Set<unknown>();
    const backend = {
      ...right,
      alloc: (...parts: Parameters<typeof right.alloc>) => {
        const buffer = right.alloc(...parts);
        live.add(buffer);
        return buffer;
      },
      free: (buffer: unknown) => void live.delete(buffer),
      fill: () => {},
    };
    for (const name of [
      "add float32",
      "fill float32",
      "buffers do not share memory, also after others were freed",
    ]) {
      await Promise.resolve(conformanceCases.find((one) => one.name === name)!.run(backend)).catch(
        () => {},
      );
      expect(live.size).toBe(0);
    }
  });
});
