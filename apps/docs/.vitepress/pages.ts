/** The pages in their order, by the names of their files, and the words of the menus. */
import type { DefaultTheme } from "vitepress";

/** The languages of the site. */
export type Language = "en" | "zh";

type Titles = Readonly<Record<string, Readonly<Record<Language, string>>>>;

/** Pages in `learn`. */
export const chapters: Titles = {
  "supervised-learning": { en: "Supervised learning", zh: "监督学习" },
  "networks-by-hand": { en: "Networks by hand", zh: "手写神经网络" },
  "automatic-differentiation": { en: "Automatic differentiation", zh: "自动微分" },
  "fully-connected-networks": { en: "Fully connected networks", zh: "全连接网络" },
};

/** Pages in `guide`. */
export const guides: Titles = {
  "getting-started": { en: "Getting started", zh: "快速上手" },
  "training-in-a-worker": { en: "Training in a worker", zh: "在 Worker 里训练" },
  "saving-and-loading": { en: "Saving and loading", zh: "保存与加载" },
  "coming-from-pytorch": { en: "Coming from PyTorch", zh: "从 PyTorch 过来" },
  memory: { en: "Memory", zh: "内存" },
  "backends-and-speed": { en: "Backends and speed", zh: "后端与速度" },
};

/** What menus and controls of the theme say. */
interface Words {
  /** What links to pages begin with. */
  readonly root: string;
  readonly learn: string;
  readonly guide: string;
  readonly theme: DefaultTheme.Config;
  readonly search: Partial<DefaultTheme.LocalSearchOptions>;
}

export const words: Readonly<Record<Language, Words>> = {
  en: { root: "/", learn: "Learn", guide: "Guide", theme: {}, search: {} },
  zh: {
    root: "/zh/",
    learn: "教程",
    guide: "指南",
    theme: {
      outline: { label: "本页内容" },
      docFooter: { prev: "上一篇", next: "下一篇" },
      darkModeSwitchLabel: "外观",
      lightModeSwitchTitle: "切换到浅色模式",
      darkModeSwitchTitle: "切换到深色模式",
      sidebarMenuLabel: "目录",
      returnToTopLabel: "返回顶部",
      langMenuLabel: "切换语言",
      skipToContentLabel: "跳到正文",
    },
    search: {
      translations: {
        button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
        modal: {
          displayDetails: "显示详情",
          resetButtonTitle: "清除",
          backButtonTitle: "关闭",
          noResultsText: "没有结果：",
          footer: { selectText: "选择", navigateText: "移动", closeText: "关闭" },
        },
      },
    },
  },
};
