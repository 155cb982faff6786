/** The built site in Chromium: every page fits phones and screens, can be used by all, and its examples run. */
import axe from "axe-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Chromium, noChromium, type OpenPage } from "../../../scripts/chromium.ts";
import { builtSite } from "./site.ts";

type Page = OpenPage["page"];

let files: ReturnType<typeof builtSite>;
let paths: string[];
beforeAll(() => {
  files = builtSite();
  paths = Object.keys(files).filter((path) => path.endsWith(".html") && path !== "404.html");
}, 600_000);

test("every link leads to a page, and to a place on it", () => {
  const pages = new Map(paths.map((path) => [path, new TextDecoder().decode(files[path])]));
  const missing: string[] = [];
  for (const [path, html] of pages) {
    for (const [, href] of html.matchAll(/<a [^>]*?href="([^"]*)"/g)) {
      const url = new URL(href!, `http://site/${path}`);
      if (url.host !== "site") continue;
      const target = decodeURI(url.pathname.slice(1)).replace(/(^|\/)$/, "$1index.html");
      const id = decodeURIComponent(url.hash.slice(1));
      const found = pages.get(target);
      if (found === undefined || !(id === "" || found.includes(`id="${id}"`))) {
        missing.push(`${path}: ${href}`);
      }
    }
  }
  expect(missing).toEqual([]);
});

const siteTests = (): void => {
  let browser: Chromium;
  let phone: OpenPage;
  let screen: OpenPage;
  beforeAll(async () => {
    browser = await Chromium.launch();
    const open = (width: number, colorScheme: "light" | "dark"): Promise<OpenPage> =>
      browser.open(files, { isolated: false, viewport: { width, height: 800 }, colorScheme });
    [phone, screen] = await Promise.all([open(360, "dark"), open(1280, "light")]);
  }, 60_000);
  afterAll(() => browser?.close());

  test("every page fits, can be used by all, and writes no error", async () => {
    expect(paths.length).toBeGreaterThan(40);
    const found = await Promise.all(
      [phone, screen].map(async (open) => {
        const troubles: string[] = [];
        for (const path of paths) troubles.push(...(await troublesOf(open, path)));
        return troubles;
      }),
    );
    expect(found.flat()).toEqual([]);
  }, 600_000);

  test("every example runs", async () => {
    const failed = await Promise.all(
      [phone, screen].map(async (open, i) => {
        // The Chinese pages have the same examples.
        const own = paths.filter((path) => !/^(zh|api)\//.test(path));
        const failed: string[] = [];
        for (const path of own.filter((_, j) => j % 2 === i)) {
          failed.push(...(await failedExamples(open, path)));
        }
        return failed;
      }),
    );
    expect(failed.flat()).toEqual([]);
  }, 600_000);

  describe("the home page's example", () => {
    test("learns to read digits", async () => {
      const { page } = screen;
      await go(screen, "zh/index.html");
      await page.locator(".live-run").first().click();
      await page.locator(".live[data-state=done]").first().waitFor({ timeout: 120_000 });
      const accuracy = await page.locator("[data-curve=accuracy]").textContent();
      expect(Number(accuracy)).toBeGreaterThan(0.88);
      expect(await page.locator(".live-pictures canvas").count()).toBe(20);
    });
  });

  describe("an example", () => {
    const live = ".live >> nth=0";
    let page: Page;
    beforeAll(async () => {
      page = screen.page;
      await go(screen, "guide/getting-started.html");
    });

    async function write(code: string): Promise<void> {
      await page.locator(`${live} >> .live-reset`).click();
      await state("new");
      await page.locator(`${live} >> .cm-content`).fill(code);
      await page.locator(`${live} >> .live-run`).click();
    }

    const state = (wanted: string): Promise<unknown> =>
      page.locator(`.live[data-state=${wanted}]`).first().waitFor();

    const output = (): Promise<string[]> =>
      page.locator(`${live} >> .live-console pre`).allTextContents();

    test("prints as Node does", async () => {
      await write('console.log({ a: [1, "b"] }, "%d", 5);\nconsole.log("%s and %d", "c", 2);');
      await state("done");
      expect(await output()).toEqual(["{ a: [ 1, 'b' ] } %d 5", "c and 2"]);
    });

    test("shows what it throws, and where", async () => {
      const code = [
        'import { zeros } from "@needle/ndarray";',
        "const x: number[] = [2, 3];",
        "zeros(x).matmul(zeros(x));",
      ];
      await write(code.join("\n"));
      await state("failed");
      const [text] = await output();
      expect(text).toContain("ShapeError: matmul: inner sizes differ, [2,3] x [2,3] (3 vs 2)");
      expect(text).toContain("at line 3");
      await write("let x = ;");
      await state("failed");
      expect((await output())[0]).toContain("SyntaxError");
    });

    test("that never ends prints meanwhile and is stopped", async () => {
      await write('console.log("begun");\nfor (;;) {}');
      await page.locator(`${live} >> .live-console >> text=begun`).waitFor();
      await page.locator(`${live} >> .live-stop`).click();
      await state("stopped");
      expect(await output()).toEqual(["begun"]);
    });

    test("can be reset, and runs by the keyboard", async () => {
      await page.locator(`${live} >> .live-reset`).click();
      await state("new");
      expect(await output()).toEqual([]);
      await page.locator(`${live} >> .cm-content`).press("Control+Enter");
      await state("done");
      expect((await output()).at(-1)).toBe("[2. 4. 6.]");
    });
  });

  test("without scripts an example is text", async () => {
    const options = { isolated: false, javaScriptEnabled: false, viewport: null };
    const { page, close } = await browser.open(files, options);
    await page.goto(new URL("guide/getting-started.html", page.url()).href);
    expect(await page.locator(".live code").first().textContent()).toContain("requiresGrad: true");
    expect(await page.locator(".live-bar").first().isVisible()).toBe(false);
    await close();
  });

  test("the search finds an op", async () => {
    const { page } = screen;
    await go(screen, "index.html");
    await page.keyboard.press("Control+k");
    await page.locator("#localsearch-input").fill("logsumexp");
    await page.locator(".VPLocalSearchBox .result").first().waitFor();
    expect(await page.locator(".VPLocalSearchBox .result").first().textContent()).toContain(
      "logsumexp",
    );
  });
};

/** Opens a page and waits until its scripts have it. */
async function go({ page }: OpenPage, path: string): Promise<void> {
  await page.goto(new URL(`/${path}`, page.url()).href);
  await page.locator(".VPNav").waitFor();
  if ((await page.locator(".live").count()) > 0) {
    await page.locator(".live-run:enabled").first().waitFor();
  }
}

/** What is wrong with a page, one line each. */
async function troublesOf(open: OpenPage, path: string): Promise<string[]> {
  const { page, errors } = open;
  const before = errors.length;
  await go(open, path);
  const [width, viewport] = await page.evaluate<[number, number]>(
    "[document.documentElement.scrollWidth, innerWidth]",
  );
  const troubles = width > viewport ? [`${width} pixels wide`] : [];
  // Large pages of the reference are all made by the same rules: some are enough.
  if (!/api\/(ndarray|autograd|nn|optim)/.test(path)) {
    await page.evaluate(axe.source);
    troubles.push(
      ...(await page.evaluate<string[]>(`axe.run().then(({ violations }) => violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html).join(" ")))`)),
    );
  }
  troubles.push(...errors.slice(before));
  return troubles.map((trouble) => `${path} at ${viewport}: ${trouble}`);
}

/** The examples of a page that do not run to their end, with what they printed. */
async function failedExamples(open: OpenPage, path: string): Promise<string[]> {
  await go(open, path);
  const failed: string[] = [];
  for (const live of await open.page.locator(".live").all()) {
    // In a solution that is hidden it is shown first.
    await live.evaluate((element) => {
      for (let node = element.parentElement; node !== null; node = node.parentElement) {
        if (node.tagName === "DETAILS") node.setAttribute("open", "");
      }
    });
    await live.locator(".live-run").click();
    await live.and(open.page.locator("[data-state=done], [data-state=failed]")).waitFor({
      timeout: 120_000,
    });
    const state = await live.getAttribute("data-state");
    if (state !== "done") failed.push(`${path}: ${await live.textContent()}`);
  }
  return failed;
}

if (noChromium === null) describe("the site in Chromium", siteTests);
else test.skip(`the site in Chromium (${noChromium})`, () => {});
