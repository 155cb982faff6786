/** The widgets of the chapters in Chromium: what they show as a reader steps, types and points. */
import axe from "axe-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Chromium, noChromium, type OpenPage } from "../../../scripts/chromium.ts";
import { builtSite } from "./site.ts";

type Page = OpenPage["page"];
type Locator = ReturnType<Page["locator"]>;

const views = [
  { folder: "", width: 1280, colorScheme: "light" },
  { folder: "zh/", width: 360, colorScheme: "dark" },
] as const;

/** What is wrong for those who cannot see or point, and whether the page is too wide. */
async function troublesOf(page: Page, selector: string): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<string[]>(`axe.run("${selector}").then(({ violations }) =>
    violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))`);
  const [width, room] = await page.evaluate<[number, number]>(
    "[document.documentElement.scrollWidth, innerWidth]",
  );
  return width > room ? [...found, `${width} pixels wide`] : found;
}

const widgetTests = (): void => {
  let browser: Chromium;
  let files: ReturnType<typeof builtSite>;
  beforeAll(async () => {
    files = builtSite();
    browser = await Chromium.launch();
  }, 600_000);
  afterAll(() => browser?.close());

  for (const { folder, width, colorScheme } of views) {
    describe(`${folder}learn at ${width} pixels, ${colorScheme}`, () => {
      const isChinese = folder === "zh/";
      let open: OpenPage;
      let page: Page;
      let widget: Locator;

      /** Opens a chapter and waits until its widget answers. */
      async function show(chapter: string, selector: string): Promise<void> {
        const viewport = { width, height: 900 };
        open = await browser.open(files, { isolated: false, viewport, colorScheme });
        page = open.page;
        await page.goto(new URL(`/${folder}learn/${chapter}.html`, page.url()).href);
        widget = page.locator(selector);
        await page.locator(".live-run:enabled").first().waitFor();
      }

      const press = (english: string, chinese: string): Promise<void> =>
        widget.getByRole("button", { name: isChinese ? chinese : english, exact: true }).click();

      describe("the graph stepper", () => {
        beforeAll(() => show("automatic-differentiation", ".graph-stepper"), 60_000);
        afterAll(() => open?.close());
        afterEach(() => expect(open.errors).toEqual([]));

        const explanation = async (): Promise<string> =>
          ((await widget.locator(".explanation").textContent()) ?? "").replaceAll(/\s+/g, " ");
        const run = (): Promise<void> => press("Run backward", "反向到底");
        const extend = (): Locator => widget.locator(".switch input");

        test("steps forward with values and tangents, also by keyboard", async () => {
          await press("Step", "单步");
          await widget.locator("button.next").press("Enter");
          await widget.locator("button.next").press("Enter");
          const text = await explanation();
          expect(text).toContain("v3 = log(v1) = log(2) = 0.693147");
          expect(text).toContain("v\u03073 = v\u03071 / v1 = 1 / 2 = 0.5");
          await press("Run forward", "前向到底");
          expect(await widget.locator(".nodes tr:last-child td").allTextContents()).toEqual([
            "v5 − v6",
            "11.6521",
            "5.5",
            "",
          ]);
        });

        test("carries tangents in the direction that is chosen", async () => {
          const inputs = widget.locator(".variables input");
          await inputs.nth(1).fill("0");
          await inputs.nth(3).fill("1");
          const tangent = widget.locator(".nodes tr:last-child td.tangent");
          expect(await tangent.textContent()).toBe("1.71634");
        });

        test("sums partial adjoints, one node at a time", async () => {
          await run();
          const text = await explanation();
          expect(text).toContain("v\u03041→3 = v\u03043 / v1 = 1 / 2 = 0.5");
          expect(text).toContain("v\u03041 = v\u03041→3 + v\u03041→4 = 0.5 + 5 = 5.5");
          expect(text).toContain("∂y/∂x1 = 5.5");
          expect(text).toContain("∂y/∂x2 = 1.71634");
        });

        test("extends the graph by the adjoints, step by step", async () => {
          const adjoints = widget.locator("g.box.adjoint");
          expect(await adjoints.count()).toBe(0);
          await extend().check();
          expect(await adjoints.count()).toBe(12);
          expect(await troublesOf(page, ".graph-stepper")).toEqual([]);
          await press("Back", "后退");
          expect(await adjoints.count()).toBe(9);
        });

        test("differentiates again and again", async () => {
          await run();
          await press("by x1", "对 x1");
          expect(await widget.locator(".whole").textContent()).toContain("1 / x1 + x2");
          await run();
          expect(await explanation()).toContain("∂²y/∂x1∂x1 = −0.25");
          expect(await explanation()).toContain("∂²y/∂x1∂x2 = 1");
          await press("by x1", "对 x1");
          await run();
          expect(await explanation()).toContain("∂³y/∂x1∂x1∂x1 = 0.25");
          await press("y", "y");
          expect(await widget.locator(".trail button").count()).toBe(1);
        });

        test("says what it cannot read, and where", async () => {
          const input = widget.locator(".expression");
          await input.fill("x1 + sinh(x2)");
          expect(await input.getAttribute("aria-invalid")).toBe("true");
          const sentence = isChinese
            ? "第 6 个字符：没有函数“sinh”"
            : "Position 6: There is no function “sinh”";
          expect(await widget.locator(".problem").textContent()).toContain(sentence);
          expect(await troublesOf(page, ".graph-stepper")).toEqual([]);
        });

        test("takes another expression, with values of its own", async () => {
          await widget.locator(".expression").fill("tanh(x)");
          expect(await widget.locator(".problem").count()).toBe(0);
          await widget.locator(".variables input").first().fill("0.5");
          await run();
          const slope = 1 - Math.tanh(0.5) ** 2;
          expect(await explanation()).toContain(`∂y/∂x = ${slope.toPrecision(6)}`);
        });
      });

      describe("the strides visualiser", () => {
        beforeAll(() => show("fully-connected-networks", ".strides-visualiser"), 60_000);
        afterAll(() => open?.close());
        afterEach(() => expect(open.errors).toEqual([]));

        const facts = async (): Promise<string[]> =>
          (await widget.locator(".facts dd").allTextContents()).slice(0, 3);
        const memory = async (): Promise<string> =>
          (await widget.locator(".heading").last().textContent()) ?? "";
        const note = (): Locator => widget.locator(".note");
        const target = async (shape: string, op: string): Promise<void> => {
          await widget.locator("[id$=target]").fill(shape);
          await press(op, op);
        };

        test("keeps the memory while the strides change", async () => {
          expect(await facts()).toEqual(["[3, 4]", "[4, 1]", "0"]);
          await press("transpose()", "transpose()");
          expect(await facts()).toEqual(["[4, 3]", "[1, 4]", "0"]);
          expect(await memory()).toMatch(/ A$/);
          await press("flip", "flip");
          expect(await facts()).toEqual(["[4, 3]", "[-1, 4]", "3"]);
          const ranges = widget.locator("form input.short");
          await ranges.nth(1).fill("::2");
          await ranges.nth(2).fill("1:");
          await press("slice", "slice");
          expect(await facts()).toEqual(["[2, 2]", "[-2, 4]", "7"]);
          const slots = await widget.locator(".memory li:not(.unused) .place").allTextContents();
          expect(slots).toEqual(["5", "7", "9", "11"]);
        });

        test("copies to new memory by compact() and a reshape that must", async () => {
          await press("compact()", "compact()");
          expect(await facts()).toEqual(["[2, 2]", "[2, 1]", "0"]);
          expect(await memory()).toMatch(/ B$/);
          await press("transpose()", "transpose()");
          await target("4", "reshape");
          expect(await memory()).toMatch(/ C$/);
          expect(await widget.locator(".effect").textContent()).toContain(
            isChinese ? "reshape 只好新建内存 C" : "reshape made memory C",
          );
          expect(await widget.locator(".code").textContent()).toBe(
            'arange(12).reshape([3, 4]).transpose().flip(0).slice("::2", "1:").compact()' +
              ".transpose().reshape([4])",
          );
          const undo = isChinese ? "撤销" : "Undo";
          for (let i = 0; i < 6; i++) await press(undo, undo);
          expect(await facts()).toEqual(["[3, 4]", "[4, 1]", "0"]);
        });

        test("shows where a cell lies, and who reads a place", async () => {
          await target("2, 3, 4", "broadcastTo");
          expect(await facts()).toEqual(["[2, 3, 4]", "[0, 4, 1]", "0"]);
          await widget.locator("[data-cell]").nth(6).hover();
          expect(await note().textContent()).toContain("0 + 0·0 + 1·4 + 2·1 = 6");
          expect(await widget.locator("[data-cell].lit").count()).toBe(2);
          expect(await widget.locator(".memory .lit .place").allTextContents()).toEqual(["6"]);
          await page.mouse.move(0, 0);
          await widget.locator(".memory li").nth(3).focus();
          expect(await widget.locator("[data-cell].lit").allTextContents()).toEqual(["3", "3"]);
        });

        test("is walked by the arrow keys", async () => {
          await widget.locator("[data-cell][tabindex='0']").focus();
          await page.keyboard.press("ArrowRight");
          await page.keyboard.press("ArrowDown");
          expect(await note().textContent()).toContain("0 + 0·0 + 1·4 + 1·1 = 5");
          expect(await widget.locator(":focus").textContent()).toMatch(/^\s*5\s*$/);
        });

        test("says what does not work, in the framework's words", async () => {
          await target("5", "reshape");
          expect(await widget.locator(".problem").textContent()).toContain("reshape: ");
          expect(await facts()).toEqual(["[2, 3, 4]", "[0, 4, 1]", "0"]);
          expect(await troublesOf(page, ".strides-visualiser")).toEqual([]);
          await widget.locator("[id$=new]").fill("2, 2");
          await press("Make it", "创建");
          expect(await widget.locator(".problem").textContent()).toBe("");
          expect(await facts()).toEqual(["[2, 2]", "[2, 1]", "0"]);
        });
      });
    });
  }
};

if (noChromium === null) describe("the widgets in Chromium", widgetTests);
else test.skip(`the widgets in Chromium (${noChromium})`, () => {});
