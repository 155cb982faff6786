/** The theme: VitePress's own, and every component in `components` and `widgets`, by its file's name. */
import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import type { Component } from "vue";
import "katex/dist/katex.min.css";
// After the theme's own, which it changes.
import "./style.css";

const files = import.meta.glob<Component>(["./components/*.vue", "./widgets/*.vue"], {
  eager: true,
  import: "default",
});

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    for (const [path, component] of Object.entries(files)) {
      app.component(path.slice(path.lastIndexOf("/") + 1, -".vue".length), component);
    }
  },
};

export default theme;
