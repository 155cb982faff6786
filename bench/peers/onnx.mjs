/** ONNX Runtime Web, WebAssembly, one thread: a model of one matrix product. */
import * as ort from "onnxruntime-web/wasm";

ort.env.wasm.numThreads = 1;

/** Multiplies float32 matrices `a` and `b` into `y`. */
export const matmul = await ort.InferenceSession.create(matmulModel());

// It makes `Worker` a global in Node, which jax-js takes for leave to use threads.
delete globalThis.Worker;

export const tensorOf = (data, shape) => new ort.Tensor("float32", data, shape);

/** The model as the ONNX protocol buffer. Field numbers are those of onnx.proto. */
function matmulModel() {
  const type = message([
    1,
    message([1, 1], [2, message([1, message([2, "rows"])], [1, message([2, "columns"])])]),
  ]);
  const value = (name) => message([1, name], [2, type]);
  const node = message([1, "a"], [1, "b"], [2, "y"], [4, "MatMul"]);
  const graph = message([1, node], [2, "g"], [11, value("a")], [11, value("b")], [12, value("y")]);
  return Uint8Array.from(message([1, 8], [7, graph], [8, message([1, ""], [2, 13])]));
}

/** Fields `[number, value]`: whole numbers as varints, text and messages with their length. */
function message(...fields) {
  return fields.flatMap(([number, value]) => {
    if (typeof value === "number") return [number << 3, value];
    const bytes = [...(typeof value === "string" ? Buffer.from(value) : value)];
    const length =
      bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
    return [(number << 3) | 2, ...length, ...bytes];
  });
}
