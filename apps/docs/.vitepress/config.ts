/** The site: how it is built, and what its menus list. */
import { readFileSync } from "node:fs";
import { type DefaultTheme, defineConfig, type UserConfig } from "vitepress";
import { digits } from "./digits.ts";
import { liveFence } from "./markdown/live-fence.ts";
import { maths } from "./markdown/maths.ts";
import { chapters, guides, type Language, words } from "./pages.ts";

/** The menu of the reference, written with its pages. */
const reference = JSON.parse(
  readFileSync(new URL("../api/sidebar.json", import.meta.url), "utf8"),
) as DefaultTheme.SidebarItem[];

/** The menus of one language. */
function themeOf(language: Language): DefaultTheme.Config {
  const { root, learn: learnTitle, guide: guideTitle, theme } = words[language];
  const items = (folder: string, entries: typeof chapters): DefaultTheme.SidebarItem[] =>
    Object.entries(entries).map(([name, title]) => ({
      text: title[language],
      link: `${root}${folder}/${name}`,
    }));
  const learn = items("learn", chapters);
  const guide = items("guide", guides);
  return {
    nav: [
      { text: learnTitle, link: learn[0]!.link!, activeMatch: "/learn/" },
      { text: guideTitle, link: guide[0]!.link!, activeMatch: "/guide/" },
      { text: "API", link: `${root}api/`, activeMatch: "/api/" },
    ],
    sidebar: {
      "/api/": reference,
      [root]: [
        { text: learnTitle, items: learn },
        { text: guideTitle, items: guide },
      ],
    },
    ...theme,
  };
}

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: "needle",
  description: "A deep-learning framework in TypeScript.",
  outDir: "dist",
  cacheDir: ".cache",
  srcExclude: ["README.md", "{dist,reference,reports,test}/**"],
  head: [
    ["link", { rel: "icon", href: "data:," }],
    // The buttons of examples need a script.
    ["noscript", {}, "<style>.live-bar{display:none}</style>"],
  ],
  locales: {
    root: { label: "English", lang: "en", themeConfig: themeOf("en") },
    zh: {
      label: "简体中文",
      lang: "zh-CN",
      description: "用 TypeScript 写的深度学习框架。",
      themeConfig: themeOf("zh"),
    },
  },
  themeConfig: {
    search: { provider: "local", options: { locales: { zh: words.zh.search } } },
  },
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config(markdown) {
      maths(markdown);
      liveFence(markdown);
    },
  },
  vite: {
    // The packages' sources, so that nothing else has to be built first.
    resolve: { conditions: ["needle-source"] },
    build: { target: "es2022", chunkSizeWarningLimit: 4000 },
    // Errors and printed models tell the names of their classes.
    esbuild: { target: "es2022", keepNames: true },
    worker: { format: "es" },
    plugins: [digits()],
  },
});

export default config;
