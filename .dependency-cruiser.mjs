// The layers of the workspace: imports point down, and only at what a package exports.
const core = "^packages/(ndarray|autograd|nn|optim|backend-wasm)/src/";
const tests = "[.](test|fixture)[.]ts$";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "ndarray-is-lowest",
      severity: "error",
      comment: "ndarray imports no other package.",
      from: { path: "^packages/ndarray/" },
      to: { path: "^(packages|apps)/", pathNot: "^packages/ndarray/" },
    },
    {
      name: "autograd-is-second",
      severity: "error",
      comment: "autograd imports ndarray only.",
      from: { path: "^packages/autograd/" },
      to: { path: "^(packages|apps)/", pathNot: "^packages/(ndarray|autograd)/" },
    },
    {
      name: "backend-wasm-is-second",
      severity: "error",
      comment: "backend-wasm imports ndarray only; its tests train networks.",
      from: { path: "^packages/backend-wasm/src/" },
      to: { path: "^(packages|apps)/", pathNot: "^packages/(ndarray|backend-wasm)/" },
    },
    {
      name: "no-siblings",
      severity: "error",
      comment: "nn, optim and data do not know each other.",
      from: { path: "^packages/(nn|optim|data)/" },
      to: { path: "^packages/(nn|optim|data)/", pathNot: "^packages/$1/" },
    },
    {
      name: "apps-are-highest",
      severity: "error",
      comment: "No package imports an app, and no app another.",
      from: { path: "^(packages/[^/]+|apps/[^/]+)/" },
      to: { path: "^apps/", pathNot: "^$1/" },
    },
    {
      name: "by-package-name",
      severity: "error",
      comment: "Another package is imported by its name, never by a path into it.",
      from: { path: "^((?:packages|apps)/[^/]+)/" },
      to: { path: "^(packages|apps)/", pathNot: "^$1/", dependencyTypes: ["local"] },
    },
    {
      name: "no-cycles",
      severity: "error",
      comment: "Files do not import each other in a circle; types may.",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "core-stands-alone",
      severity: "error",
      comment:
        "Core packages use neither Node nor anything from npm; ./testing may use fast-check.",
      from: { path: core, pathNot: tests },
      to: {
        dependencyTypes: [
          "core",
          "npm",
          "npm-dev",
          "npm-optional",
          "npm-peer",
          "npm-no-pkg",
          "npm-unknown",
        ],
        pathNot: ["^packages/", "(^|/)node_modules/fast-check/"],
      },
    },
    {
      name: "fast-check-only-in-testing",
      severity: "error",
      comment: "fast-check stays out of what programs load.",
      from: { path: core, pathNot: [tests, "/src/testing/"] },
      to: { path: "(^|/)node_modules/fast-check/" },
    },
    {
      name: "resolvable",
      severity: "error",
      comment: "An import leads to a file, and to one that package.json allows.",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  required: [
    {
      name: "testing-reaches-index",
      severity: "error",
      comment:
        "src/testing/index.ts imports ../index.ts, so that the build puts the whole package in the chunk that both " +
        "entries share. Else what index.ts does when loaded (such as installing methods) is lost in bundles.",
      module: { path: "^packages/([^/]+)/src/testing/index[.]ts$" },
      to: { path: "^packages/$1/src/index[.]ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "(^|/)(node_modules|dist)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["needle-source", "import", "node", "default"],
      extensions: [".ts", ".js", ".mjs", ".d.ts"],
    },
  },
};
