/** The built page in Chromium: it trains, pauses, reads drawings, and fits phones and screens. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Chromium, noChromium, type OpenPage } from "../../../scripts/chromium.ts";
import { capture } from "../src/capture.fixture.ts";
import { main } from "../src/main.ts";
import { models } from "../src/models/index.ts";
import { mainThreadTasks } from "./trace.fixture.ts";

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

/** Waits until what was learned has been tested on all digits; the share that is recognized. */
async function tested(page: Page): Promise<number> {
  await until(page, "accuracy-of", (text) => text === "of 10,000");
  return number(page, "accuracy");
}

/** The share of test digits that the trainer recognizes with a model, in percent. */
async function testedInTerminal(path: string): Promise<number> {
  const world = capture();
  expect(await main(["test", "--load", path, "--json"], world.io)).toBe(0);
  return 100 * (1 - JSON.parse(world.stdout()).testError);
}

/** The file that the page gives when asked to save. */
async function savedBy(page: Page): Promise<{ name: string; path: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
  return { name: download.suggestedFilename(), path: await download.path() };
}

const webTests = (): void => {
  const folder = mkdtempSync(join(tmpdir(), "needle-web-"));
  afterAll(() => rmSync(folder, { recursive: true }));
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
        await tested(page);
        const label = (await page.getAttribute("#digits", "aria-label")) ?? "";
        expect(Number(/(\d+) of 50 recognized/.exec(label)?.[1])).toBeGreaterThan(35);
        const cells = await page.locator("#confusion td").allTextContents();
        expect(cells.map(Number).reduce((sum, count) => sum + count)).toBe(10_000);
        const right = cells.reduce((sum, n, i) => sum + (i % 11 === 0 ? Number(n) : 0), 0);
        expect(await number(page, "accuracy")).toBeCloseTo(right / 100, 9);
        expect(await number(page, "train-accuracy")).toBeGreaterThan(85);
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

  describe("files", () => {
    let open: OpenPage;
    let page: Page;
    beforeAll(async () => {
      open = await browser.open(files, { isolated: true, acceptDownloads: true });
      page = open.page;
      await ready(page);
    }, 90_000);
    afterAll(() => open?.close());

    test("a model saved here opens in the terminal, as accurate", async () => {
      await page.click("#start");
      await atLeast(page, "accuracy", 85);
      await pausedAt(page);
      const here = await tested(page);
      const { name, path } = await savedBy(page);
      expect(name).toBe("digits-mlp.safetensors");
      expect(await page.textContent("#file-note")).toBe(`Saved as ${name}.`);
      // The kernels may be others: a digit on the edge falls to one side or the other.
      expect(Math.abs((await testedInTerminal(path)) - here)).toBeLessThanOrEqual(0.02);
    });

    test("a model saved in the terminal opens here, shown at once, as accurate", async () => {
      const path = join(folder, "wide.safetensors");
      const flags = ["--hidden", "200", "--limit", "4000", "--epochs", "1", "--save", path];
      expect(await main([...flags, "--optimizer", "sgd"], capture().io)).toBe(0);
      await page.selectOption("#model", "softmax");
      await until(page, "steps", (text) => text === "0");
      await page.setInputFiles("#file", path);
      await until(page, "file-note", (text) => text === "Opened wide.safetensors.");
      expect(await page.inputValue("#model")).toBe("mlp");
      expect(await number(page, "steps")).toBe(0);
      const there = await testedInTerminal(path);
      expect(there).toBeGreaterThan(80);
      expect(Math.abs((await tested(page)) - there)).toBeLessThanOrEqual(0.02);
      // It goes back as it came.
      const saved = await savedBy(page);
      expect(readFileSync(saved.path).equals(readFileSync(path))).toBe(true);
      // And it goes on learning.
      await page.click("#start");
      await atLeast(page, "steps", 20);
      await pausedAt(page);
    });

    test("every model goes there and back", async () => {
      for (const model of Object.keys(models)) {
        await page.selectOption("#model", model);
        await until(page, "steps", (text) => text === "0");
        await page.click("#step");
        await atLeast(page, "steps", 1);
        const { name, path } = await savedBy(page);
        expect(name).toBe(`digits-${model}.safetensors`);
        await page.setInputFiles("#file", path);
        await until(page, "steps", (text) => text === "0");
        const again = await savedBy(page);
        expect(readFileSync(again.path).equals(readFileSync(path))).toBe(true);
      }
    });

    test("a file that is dropped on the page opens, and what is none is refused", async () => {
      const drop = (name: string, path: string): Promise<unknown> =>
        page.evaluate(`(() => {
          const bytes = Uint8Array.from(atob("${readFileSync(path, "base64")}"), (c) => c.charCodeAt());
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], "${name}"));
          for (const type of ["dragover", "drop"]) {
            const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
            document.body.dispatchEvent(event);
          }
        })()`);
      await page.selectOption("#model", "softmax");
      await until(page, "steps", (text) => text === "0");
      const { path } = await savedBy(page);
      const damaged = join(folder, "damaged");
      writeFileSync(damaged, readFileSync(path).subarray(0, 500));
      await drop("damaged.safetensors", damaged);
      await until(page, "failure", (text) => text.includes("damaged.safetensors: "));
      expect(await page.textContent("#failure")).toMatch(
        /^The file is left alone. damaged.safetensors: .* ends at byte/,
      );
      expect(await page.getAttribute("body", "class")).toBe("");
      await drop("dropped.safetensors", path);
      await until(page, "file-note", (text) => text === "Opened dropped.safetensors.");
      expect(await page.locator("#failure").isVisible()).toBe(false);
      expect(open.errors).toEqual([]);
    });
  });

  test("no task of the page's own thread takes 50 ms while it trains and tests", async () => {
    const open = await browser.open(files, { isolated: true });
    const { page } = open;
    try {
      const tasks = await mainThreadTasks(page, async () => {
        await ready(page);
        await page.click("#start");
        await atLeast(page, "steps", 300);
        // Drawing while it trains.
        const { x, y, width } = (await page.locator("#pad").boundingBox())!;
        await page.mouse.move(x + width / 2, y + 20);
        await page.mouse.down();
        await page.mouse.move(x + width / 2, y + width - 20, { steps: 20 });
        await page.mouse.up();
        await atLeast(page, "steps", 600);
        await pausedAt(page);
        await tested(page);
      });
      expect(tasks.length).toBeGreaterThan(100);
      // Processor time: other programs of the machine are not the page's fault.
      expect(Math.max(...tasks)).toBeLessThan(50);
    } finally {
      await open.close();
    }
  });

  test("it learns from the first digits though the others never come", async () => {
    const first = Object.entries(files).filter(([name]) => !name.includes("rest-"));
    const open = await browser.open(Object.fromEntries(first), { isolated: true });
    try {
      // A measurement, not a test: the time depends on the machine.
      const time = await open.page.evaluate<number>(`new Promise((resolve) => {
        const look = () => {
          const start = document.getElementById("start");
          if (!start.disabled && start.textContent === "Start") start.click();
          if (document.getElementById("steps").textContent !== "0") resolve(performance.now());
          else setTimeout(look, 5);
        };
        look();
      })`);
      console.info(`the first steps are shown ${Math.round(time)} ms after the page was asked for`);
      await atLeast(open.page, "steps", 120);
      expect(await number(open.page, "count")).toBe(10_000);
    } finally {
      await open.close();
    }
  });

  test("a finger draws, on a phone, a pen as well, and the page does not scroll away", async () => {
    const viewport = { width: 360, height: 740 };
    const open = await browser.open(files, { isolated: true, viewport, hasTouch: true });
    const { page } = open;
    try {
      await ready(page);
      await page.click("#start");
      await atLeast(page, "accuracy", 85);
      await page.click("#start");
      await page.locator("#pad").scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await page.locator("#pad").boundingBox())!;
      const before = await page.evaluate<number>("scrollY");
      const client = await page.context().newCDPSession(page);
      const touch = (type: string, part: number | null): Promise<unknown> =>
        client.send("Input.dispatchTouchEvent", {
          type: type as "touchStart",
          touchPoints: part === null ? [] : [{ x: x + width / 2, y: y + part * height }],
        });
      await touch("touchStart", 0.15);
      for (let part = 0.2; part <= 0.85; part += 0.05) await touch("touchMove", part);
      await touch("touchEnd", null);
      await page.getByText("This looks like a 1.").waitFor();
      expect(await page.evaluate<number>("scrollY")).toBe(before);

      await page.click("#clear");
      await page.getByText("Draw, and the network says").waitFor();
      const pen = (type: string, part: number): Promise<unknown> =>
        client.send("Input.dispatchMouseEvent", {
          type: type as "mousePressed",
          x: x + width / 2,
          y: y + part * height,
          button: "left",
          buttons: 1,
          clickCount: 1,
          pointerType: "pen",
        });
      await pen("mousePressed", 0.15);
      for (let part = 0.2; part <= 0.85; part += 0.05) await pen("mouseMoved", part);
      await pen("mouseReleased", 0.85);
      await page.getByText("This looks like a 1.").waitFor();
    } finally {
      await open.close();
    }
  });

  test("everything is reached and used with the keyboard, in the order it is seen", async () => {
    const open = await browser.open(files, { isolated: true });
    const { page } = open;
    try {
      await ready(page);
      const reached: string[] = [];
      for (let i = 0; i < 11; i++) {
        await page.keyboard.press("Tab");
        reached.push(await page.evaluate<string>("document.activeElement.id"));
      }
      const buttons = ["start", "step", "reset", "save", "open"];
      const fields = ["model", "optimizer", "lr", "batch-size"];
      expect(reached).toEqual([...fields, ...buttons, "sheet", "clear"]);
      await page.focus("#step");
      await page.keyboard.press("Enter");
      await atLeast(page, "steps", 1);
      let isAsked = false;
      page.on("filechooser", () => {
        isAsked = true;
      });
      await page.focus("#open");
      await page.keyboard.press("Enter");
      await vi.waitUntil(() => isAsked, { timeout: 30_000 });
    } finally {
      await open.close();
    }
  });

  test("it is light or dark as the system is, and can be read", async () => {
    const open = await browser.open(files, { isolated: true });
    const { page } = open;
    try {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        // The brightness of text, of muted text and of what is behind them, from 0 to 1.
        const [text, muted, card] = await page.evaluate<[number, number, number]>(`(() => {
          const luminance = (color) => {
            const parts = color.match(/[\\d.]+/g).slice(0, 3).map((part) => {
              const share = part / 255;
              return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
          };
          const styleOf = (selector) => getComputedStyle(document.querySelector(selector));
          return [
            luminance(styleOf("h2").color),
            luminance(styleOf("dt").color),
            luminance(styleOf("section").backgroundColor),
          ];
        })()`);
        expect(card > 0.5).toBe(colorScheme === "light");
        // The contrast that WCAG 2 asks for at level AA.
        for (const ink of [text, muted]) {
          const contrast = (Math.max(ink, card) + 0.05) / (Math.min(ink, card) + 0.05);
          expect(contrast).toBeGreaterThan(4.5);
        }
      }
    } finally {
      await open.close();
    }
  });

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
