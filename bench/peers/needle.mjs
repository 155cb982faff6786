/** needle on its WebAssembly backend, as built: `npm run build` in the repository comes first. */
const load = (name) =>
  import(`../../packages/${name}/dist/index.js`).catch((cause) => {
    throw new Error(`@needle/${name} is not built. Run \`npm run build\` in the repository.`, {
      cause,
    });
  });

export const ndarray = await load("ndarray");
export const { createWasmBackend } = await load("backend-wasm");
export const autograd = await load("autograd");
export const nn = await load("nn");
export const optim = await load("optim");

/** The default backend from here on, on one thread as its peers are, or on `NEEDLE_THREADS`, as PyTorch is then. */
const threads = Number(process.env.NEEDLE_THREADS ?? 1);
export const wasm = await createWasmBackend({ threads });
ndarray.setDefaultBackend(wasm);

/** An array of these elements. */
export const arrayOf = (data, shape) => ndarray.fromTypedArray(data, shape);
