/**
 * In Chromium, on a page and in a worker, the backend passes the conformance suite and trains a
 * network as it does in Node.
 */
import { createReferenceBackend, setDefaultBackend } from "@needle/ndarray";
import { conformanceCases } from "@needle/ndarray/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleSources, Chromium, noChromium } from "../../../scripts/chromium.ts";
import { type Training, train } from "./programs/train.ts";

const builds = ["relaxed", "strict"] as const;
const places = [
  { where: "page", isolated: false, threads: 1 },
  { where: "worker", isolated: false, threads: 1 },
  { where: "page", isolated: true, threads: 1 },
  { where: "worker", isolated: true, threads: 1 },
  { where: "worker", isolated: true, threads: 2 },
  { where: "worker", isolated: true, threads: 2 },
] as const;

interface Conformance {
  readonly build: string;
  readonly threads: number;
  readonly crossOriginIsolated: boolean;
  readonly outcomes: Readonly<Record<string, string>>;
}

const browserTests = (): void => {
  let browser: Chromium;
  let lossesInNode: readonly number[];
  const bundles: Record<string, string> = {};
  beforeAll(async () => {
    lossesInNode = (await train({ deterministic: true })).losses;
    browser = await Chromium.launch();
    for (const name of ["conformance", "training"]) {
      bundles[name] = await bundleSources(new URL(`programs/${name}.ts`, import.meta.url));
    }
  });
  afterAll(() => browser.close());
  afterAll(() => setDefaultBackend(createReferenceBackend()));

  // What the tests below rest on.
  for (const where of ["page", "worker"] as const) {
    const failing = {
      "that throws": 'throw new Error("broken")',
      "that rejects later": 'setTimeout(() => Promise.reject(new Error("broken")))',
      "that writes an error to the console": 'console.error("broken"); console.log("result: 1")',
      "that cannot be parsed": "broken broken",
    };
    for (const [what, program] of Object.entries(failing)) {
      test(`on a ${where}, a program ${what} fails`, () =>
        expect(browser.run({ "program.js": program }, { where })).rejects.toThrow(
          /broken|Unexpected/,
        ));
    }
  }

  for (const place of places) {
    for (const build of builds) {
      const { where, isolated, threads } = place;
      const search = { build, threads: String(threads) };
      const run = (name: string): Promise<unknown> =>
        browser.run({ "program.js": bundles[name]! }, { where, isolated, search });

      describe(`${isolated ? "isolated" : "plain"} ${where}, ${build}, threads ${threads}`, () => {
        let conformance: Conformance;
        beforeAll(async () => {
          conformance = (await run("conformance")) as Conformance;
        }, 120_000);

        test("is what was asked for", () => {
          const { outcomes, ...asked } = conformance;
          expect(asked).toEqual({ build, threads, crossOriginIsolated: isolated });
          expect(Object.keys(outcomes)).toEqual(conformanceCases.map(({ name }) => name));
        });

        for (const { name } of conformanceCases) {
          test(name, () => expect(conformance.outcomes[name]).toBe("passed"));
        }

        test("trains a network", async () => {
          const { losses, right } = (await run("training")) as Training;
          expect(losses[0]).toBeGreaterThan(2);
          expect(losses.at(-1)).toBeLessThan(0.1);
          expect(right).toBeGreaterThan(0.98);
          // The strict build gives the same bits everywhere.
          if (build === "strict") expect(losses).toEqual(lossesInNode);
        });
      });
    }
  }
};

if (noChromium === null) describe("in Chromium,", browserTests);
else test.skip(`in Chromium (${noChromium})`, () => {});
