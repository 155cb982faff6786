/** The built page in Chromium: it trains, pauses, reads drawings, and fits phones and screens. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Chromium, noChromium, type OpenPage } from "../../../scripts/chromium.ts";
import { models } from "../src/models/index.ts";

type Page = OpenPage["page"];

const root = fileURLToPath(new URL("../web", import.meta.url));
const outDir = fileURLToPath(new URL("../reports/web", import.meta.url));

/** The files of the built page by their paths. */
function filesOf(folder: string): Record<string, Uint8Array> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1).replaceAll("\\", "/"), readFileSync(path)];
    }),
  );
}

/** The number that an element shows, such as `1,200` or `88.5 %`. */
async function number(page: Page, id: string): Promise<number> {
  return Number.parseFloat(((await page.textContent(`#${id}`)) ?? "").replaceAll(",", ""));
}

/** Waits until what an element shows is as wanted. */
async function until(page: Page, id: string, wanted: (text: string) => boolean): Promise<void> {
  const shows = async (): Promise<boolean> => wanted((await page.textContent(`#${id}`)) ?? "");
  await vi.waitUntil(shows, { timeout: 90_000, interval: 30 });
}

/** Waits until an element shows a number that is at least so large. */
function atLeast(page: Page, id: string, least: number): Promise<void> {
  return until(page, id, (text) => Number.parseFloat(text.replaceAll(",", "")) >= least);
}

/** Waits until the first model is ready to be trained. */
function ready(page: Page): Promise<void> {
  return until(page, "accuracy", (text) => text.endsWith("%"));
}

/** Pauses; the steps shown once those on the way have been. */
async function pausedAt(page: Page): Promise<number> {
  await page.click("#start");
  await until(page, "rate", (text) => text === "–");
  return number(page, "steps");
}

const webTests = (): void => {
  let browser: Chromium;
  let files: Record<string, Uint8Array>;
  beforeAll(async () => {
    await build({ root, logLevel: "error", build: { outDir, emptyOutDir: true } });
    files = filesOf(outDir);
    browser = await Chromium.launch();
  }, 180_000);
  afterAll(() => browser?.close());

  test("the digits take at most 12 MB", () => {
    const sizes = Object.entries(files).map(([name, { length }]) =>
      name.startsWith("data/") ? length : 0,
    );
    expect(sizes.filter((size) => size > 0)).toHaveLength(6);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(12e6);
  });

  for (const isolated of [true, false]) {
    describe(isolated ? "with isolation" : "without isolation", () => {
      let open: OpenPage;
      let page: Page;
      beforeAll(async () => {
        const viewport = { width: 1280, height: 900 };
        open = await browser.open(files, { isolated, viewport });
        page = open.page;
        await ready(page);
      }, 90_000);
      afterAll(() => open?.close());

      test("it says what it runs on", async () => {
        const backend = await page.textContent("#backend");
        const threads = await page.evaluate<number>("Math.min(8, navigator.hardwareConcurrency)");
        if (isolated) expect(backend).toContain(`${threads} thread`);
        else expect(backend).toContain("1 thread: the page is not cross-origin isolated");
      });

      test("it offers the models of the trainer", async () => {
        const names = await page.locator("#model option").allTextContents();
        expect(names).toEqual(Object.keys(models));
      });

      test("it learns", async () => {
        expect(await number(page, "accuracy")).toBeLessThan(40);
        await page.click("#start");
        await atLeast(page, "accuracy", 88);
      });

      test("a pause stops it, a step is one step, and it goes on", async () => {
        const steps = await pausedAt(page);
        expect(steps).toBeGreaterThan(0);
        await page.click("#step");
        await atLeast(page, "steps", steps + 1);
        expect(await number(page, "steps")).toBe(steps + 1);
        await page.click("#start");
        await atLeast(page, "steps", steps + 20);
        await pausedAt(page);
      });

      test("it shows right and wrong digits, weights and the confusion", async () => {
        const label = (await page.getAttribute("#digits", "aria-label")) ?? "";
        expect(Number(/(\d+) of 50 recognized/.exec(label)?.[1])).toBeGreaterThan(35);
        const cells = await page.locator("#confusion td").allTextContents();
        expect(cells.map(Number).reduce((sum, count) => sum + count)).toBe(1000);
        const colors = await page.evaluate<number>(`(() => {
          const canvas = document.getElementById("weights");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size;
        })()`);
        expect(colors).toBeGreaterThan(100);
      });

      test("it reads a drawing, with the mouse and with the keyboard", async () => {
        await page.locator("#pad").scrollIntoViewIfNeeded();
        const { x, y, width, height } = (await page.locator("#pad").boundingBox())!;
        const middle = x + width / 2;
        await page.mouse.move(middle, y + 0.2 * height);
        await page.mouse.down();
        await page.mouse.move(middle, y + 0.8 * height, { steps: 8 });
        await page.mouse.up();
        await page.getByText("This looks like a 1.").waitFor();
        expect(await page.textContent("#bars .best")).toMatch(/^1/);

        await page.click("#clear");
        await page.getByText("Draw, and the network says").waitFor();
        await page.focus("#sheet");
        for (let i = 0; i < 8; i++) await page.keyboard.press("ArrowUp");
        await page.keyboard.press(" ");
        for (let i = 0; i < 16; i++) await page.keyboard.press("ArrowDown");
        await page.getByText("This looks like a 1.").waitFor();
      });

      test("a reset begins again with what is chosen", async () => {
        await page.selectOption("#model", "softmax");
        expect(await page.inputValue("#optimizer")).toBe("sgd");
        expect(await page.inputValue("#lr")).toBe("0.2");
        await until(page, "steps", (text) => text === "0");
        await page.click("#step");
        await atLeast(page, "steps", 1);
        await page.click("#reset");
        await until(page, "steps", (text) => text === "0");
      });

      test("it loads the other digits meanwhile", () => atLeast(page, "count", 60_000));

      test("nothing went wrong", async () => {
        expect(open.errors).toEqual([]);
        expect(await page.locator("#failure").isVisible()).toBe(false);
      });
    });
  }

  test.each([360, 1280])("at %d pixels nothing is wider than the page", async (width) => {
    const open = await browser.open(files, { isolated: true, viewport: { width, height: 800 } });
    try {
      await ready(open.page);
      await open.page.click("#step");
      await atLeast(open.page, "steps", 1);
      const widths = await open.page.evaluate<number>("document.documentElement.scrollWidth");
      expect(widths).toBeLessThanOrEqual(width);
    } finally {
      await open.close();
    }
  });

  test("what goes wrong is said", async () => {
    const { "data/test-images.gz": _, ...incomplete } = files;
    const open = await browser.open(incomplete, { isolated: true });
    try {
      await open.page.locator("#failure").waitFor();
      expect(await open.page.textContent("#failure")).toBe(
        "Something went wrong: /data/test-images.gz: the server answers 404",
      );
    } finally {
      await open.close();
    }
  });
};

if (noChromium === null) describe("the page in Chromium", webTests);
else test.skip(`the page in Chromium (${noChromium})`, () => {});
