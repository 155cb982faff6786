// The pages of the reference: a package's main page, and pages for what the other files of its sources hold.

/** @typedef {{ readonly name: string; readonly title: string; readonly files?: RegExp }} Topic */

/** Files of ops, which have the same names for arrays and for tensors. */
const ops = [
  {
    name: "elementwise",
    title: "Elementwise functions",
    files: /ops\/(elementwise|activations|rounding|bitwise|functions|pointwise|cast|gates)[.]/,
  },
  {
    name: "reductions",
    title: "Reductions, sorting, statistics",
    files: /ops\/(reduce|scan|statistics|sort|sets)[.]/,
  },
  {
    name: "shapes",
    title: "Shapes and joining",
    files: /ops\/(views|joining|repeating|padding|diagonal)[.]/,
  },
  { name: "indexing", title: "Indexing", files: /ops\/(indexing|advanced|masks)[.]/ },
  {
    name: "linear-algebra",
    title: "Linear algebra",
    files: /ops\/(matmul|products|linalg|contraction|affine|norms)[.]/,
  },
  { name: "losses", title: "Losses", files: /ops\/(loss|cross-entropy)/ },
  {
    name: "networks",
    title: "Ops of networks",
    files:
      /ops\/(conv|pool|softmax|normalize|images|interpolate|attention|channel|dropout|embedding|similarity|windows)/,
  },
];

/**
 * The pages of each package, in their order; the first, the main one, has whatever no other has.
 *
 * @type {Readonly<Record<string, readonly Topic[]>>}
 */
export const topics = {
  ndarray: [
    { name: "ndarray", title: "Arrays" },
    ...ops.filter(({ name }) => name !== "losses"),
    { name: "random", title: "Random numbers", files: /random\// },
    { name: "backends", title: "Backends", files: /(backend|formula|ops\/convolve|ops\/pool)[.]/ },
  ],
  autograd: [{ name: "autograd", title: "Tensors and gradients" }, ...ops],
  nn: [
    { name: "nn", title: "Modules" },
    {
      name: "layers",
      title: "Layers",
      files: /layers\/(?!container|rnn|lstm|gru|recurrent|attention|multihead|transformer|encoder)/,
    },
    { name: "sequences", title: "Recurrent layers and attention", files: /layers\/(?!container)/ },
    { name: "losses", title: "Losses and metrics", files: /(loss|metrics)/ },
  ],
  optim: [
    { name: "optim", title: "Optimizers" },
    { name: "schedules", title: "Schedules", files: /schedule/ },
  ],
  data: [{ name: "data", title: "Datasets and loaders" }],
  "backend-wasm": [{ name: "backend-wasm", title: "The WebAssembly backend" }],
};

/** The name of a page's file, and what menus and its heading say. */
export function pageOf(packageName, { name }) {
  return name === packageName ? packageName : `${packageName}-${name}`;
}

/** The page for what a file of the package holds. */
export function topicOf(packageName, file) {
  const [main, ...others] = topics[packageName];
  return others.find(({ files }) => files.test(file)) ?? main;
}
