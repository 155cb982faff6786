// Writes the reference, `api/*.md`, from the packages' sources and their doc comments.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, Converter, DeclarationReflection, ReflectionKind } from "typedoc";
import { MarkdownPageEvent } from "typedoc-plugin-markdown";
import { NeedleTheme, themeName } from "./theme.mjs";
import { pageOf, topicOf, topics } from "./topics.mjs";

const out = fileURLToPath(new URL("../api", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));
const packages = join(root, "packages");

const app = await Application.bootstrapWithPlugins({
  plugin: ["typedoc-plugin-markdown", "typedoc-vitepress-theme"],
  entryPoints: Object.keys(topics).map((name) => `${packages}/${name}/src/index.ts`),
  basePath: root,
  tsconfig: fileURLToPath(new URL("tsconfig.json", import.meta.url)),
  logLevel: "Warn",
  out,
  docsRoot: fileURLToPath(new URL("..", import.meta.url)),
  router: "module",
  readme: "none",
  disableGit: true,
  // There is no place on the web to link to; the theme shows paths.
  sourceLinkTemplate: "{path}",
  excludePrivate: true,
  excludeExternals: true,
  groupOrder: ["Functions", "Variables", "Classes", "Interfaces", "Type Aliases"],
  hidePageHeader: true,
  hidePageTitle: true,
  hideBreadcrumbs: true,
  hideGroupHeadings: true,
  useCodeBlocks: true,
  expandParameters: true,
  parametersFormat: "none",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  tableColumnSettings: { hideSources: true, hideModifiers: true },
});
app.renderer.defineTheme(themeName, NeedleTheme);
app.options.setValue("theme", themeName);

app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const reflection of Object.values(project.reflections)) {
    // What a class has from another stands there, and what is static is what that one asks of it; ops,
    // which are methods as well, stand as functions.
    const isAnswer = reflection.flags?.isStatic && reflection.overwrites !== undefined;
    if (isAnswer || reflection.inheritedFrom !== undefined) project.removeReflection(reflection);
    reflection.overwrites = undefined;
    reflection.implementationOf = undefined;
  }
  for (const module of [...project.children]) split(project, module);
});

/** What a package exports, and what its namespaces do. */
function exportsOf(module) {
  return module.children.flatMap((child) =>
    child.kind === ReflectionKind.Namespace
      ? child.children.map((inner) => [child, inner])
      : [[module, child]],
  );
}

/** Puts what a package exports on its pages, each a module to TypeDoc. */
function split(project, module) {
  const packageName = module.sources[0].fullFileName.slice(packages.length + 1).split("/")[0];
  const pages = new Map(topics[packageName].map((topic) => [topic, newPage(project, topic)]));
  for (const [owner, child] of exportsOf(module)) {
    const page = pages.get(topicOf(packageName, child.sources[0].fullFileName));
    owner.removeChild(child);
    child.parent = page;
    page.addChild(child);
    // Of `export * as args`, each by its whole name.
    if (owner !== module) child.name = `${owner.name}.${child.name}`;
  }
  project.removeReflection(module);

  function newPage(project, topic) {
    const page = new DeclarationReflection(
      pageOf(packageName, topic),
      ReflectionKind.Module,
      project,
    );
    project.registerReflection(page, undefined, undefined);
    project.addChild(page);
    return page;
  }
}

app.renderer.on(MarkdownPageEvent.END, (page) => {
  const head = page.url === "index.md" ? overview() : headOf(page.model.name);
  page.contents = page.url === "index.md" ? head : `${head}\n${withoutRules(page.contents)}`;
});

rmSync(out, { recursive: true, force: true });
const project = await app.convert();
if (project === undefined) process.exit(1);
await app.generateOutputs(project);
if (app.logger.hasErrors()) process.exit(1);
writeFileSync(join(out, "sidebar.json"), JSON.stringify(sidebar(), null, 2));
writeStubs();

/** The theme of the site draws a line above each heading. */
function withoutRules(text) {
  return text.replace(/^\*\*\*\n/gm, "");
}

/** What package.json says of a package. */
function descriptionOf(packageName) {
  const manifest = readFileSync(join(packages, packageName, "package.json"), "utf8");
  return JSON.parse(manifest).description;
}

/** The packages and their pages. */
function overview() {
  const entries = Object.entries(topics).map(([name, pages]) => {
    const links = pages.map((topic) => `[${topic.title}](./${pageOf(name, topic)}.md)`);
    return `## @needle/${name}\n\n${descriptionOf(name)}\n\n${links.join(" · ")}\n`;
  });
  const about = "Every name that a package exports. The examples run in the tests.";
  return ["# Reference\n", `${about}\n`, ...entries].join("\n");
}

/** The heading of a page, and of a package's main page what the package is. */
function headOf(page) {
  const [name, topic] = Object.entries(topics)
    .flatMap(([name, pages]) => pages.map((topic) => [name, topic]))
    .find(([name, topic]) => pageOf(name, topic) === page);
  const isMain = page === name;
  const title = isMain ? `@needle/${name}` : `@needle/${name}: ${topic.title}`;
  const about = isMain ? `\n${descriptionOf(name)}\n` : "";
  return `---\noutline: [2, 2]\n---\n\n# ${title}\n${about}`;
}

function sidebar() {
  return Object.entries(topics).map(([name, pages]) => ({
    text: `@needle/${name}`,
    items: pages.map((topic) => ({ text: topic.title, link: `/api/${pageOf(name, topic)}` })),
  }));
}

/** The reference is in English; the menu of languages leads to pages that say so. */
function writeStubs() {
  const folder = fileURLToPath(new URL("../zh/api", import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pages = Object.entries(topics).flatMap(([name, list]) =>
    list.map((topic) => [pageOf(name, topic), `@needle/${name}：${topic.title}`]),
  );
  for (const [page, title] of [["index", "API"], ...pages]) {
    const link = page === "index" ? "/api/" : `/api/${page}`;
    const text = `---\nsearch: false\n---\n\n# ${title}\n\nAPI 文档只有英文：[${title}](${link})\n`;
    writeFileSync(join(folder, `${page}.md`), text);
  }
}
