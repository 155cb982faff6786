/**
 * A backend that computes nothing until values are read. Kernels are noted, with what they read
 * and write, and run when a buffer is read that they lead to; ops know shapes without them. A
 * buffer that nobody reads costs neither time nor memory.
 */
import { check } from "../args.ts";
import {
  type Backend,
  type Buffer,
  backendKind,
  type OptionalKernels,
  type View,
} from "../backend.ts";
import type { DType, TypedArray } from "../dtype.ts";
import { createReferenceBackend } from "./reference/index.ts";

/** A call of a kernel that is still to be made. */
interface Call {
  /** Calls that must be made before: they write what this one reads, or read what it writes. */
  readonly after: Set<Call>;
  /** Calls that wait for this one. */
  readonly before: Set<Call>;
  /** What it reads and writes. */
  readonly touches: ReadonlySet<LazyBuffer>;
  readonly writes: ReadonlySet<LazyBuffer>;
  readonly run: () => void;
  /** Whether it was made, or is not needed any more. */
  over: boolean;
}

interface LazyBuffer {
  readonly dtype: DType;
  readonly size: number;
  /** The memory below; null until a call needs it. */
  inner: { readonly buffer: Buffer } | null;
  /** The last call that writes it, if that is still to be made. */
  writer: Call | null;
  /** Calls to be made that read what is there now. */
  readonly readers: Set<Call>;
  /** How many calls to be made read or write it. */
  uses: number;
  freed: boolean;
}

/** Kernels that write their first argument only. Of others every view may be written to. */
const writesFirst: ReadonlySet<string> = new Set<keyof Backend>([
  "fill",
  "copy",
  "unary",
  "binary",
  "where",
  "reduce",
  "scan",
  "recurrence",
  "argsort",
  "matmul",
  "gather",
  "randomBits",
  "dropoutMask",
  "softmax",
  "logSoftmax",
  "logsumexp",
] satisfies (keyof Backend)[]);

/** What is not a kernel. */
const others: ReadonlySet<string> = new Set<string>([
  "name",
  "alloc",
  "free",
  "upload",
  "read",
  "readSync",
] satisfies (keyof Backend)[]);

/**
 * A backend on which values are computed when they are read, each once, by the kernels of `inner`.
 * Shapes, dtypes and their errors are known at once; errors that depend on values, such as
 * positions outside an axis, come when values are read. What is never read is never computed.
 *
 * @param inner - computes the values. Default: a new reference backend.
 *
 * @example
 * import { createLazyBackend, ones } from "@needle/ndarray";
 * const backend = createLazyBackend();
 * const y = ones([2, 3], { backend }).mul(3).sub(2); // nothing is computed
 * y.shape; // => [2,3]
 * y.sum().item(); // => 6
 */
export function createLazyBackend(inner: Backend = createReferenceBackend()): Backend {
  check("createLazyBackend", "inner", inner, backendKind);
  const backend: Record<string, unknown> = {
    name: `lazy ${inner.name}`,
    alloc: (dtype: DType, size: number): LazyBuffer => ({
      dtype,
      size,
      inner: null,
      writer: null,
      readers: new Set(),
      uses: 0,
      freed: false,
    }),
    free(buffer: LazyBuffer): void {
      buffer.freed = true;
      if (buffer.writer !== null) forgetUnread(inner, buffer.writer);
      release(inner, buffer);
    },
    upload(buffer: LazyBuffer, dtype: DType, data: TypedArray): void {
      finish(inner, [...buffer.readers, ...(buffer.writer ? [buffer.writer] : [])]);
      inner.upload(memoryOf(inner, buffer), dtype, data);
    },
    async read(x: View): Promise<TypedArray> {
      return inner.read(ready(inner, x));
    },
  };
  if (inner.readSync !== undefined) {
    backend.readSync = (x: View): TypedArray => inner.readSync!(ready(inner, x));
  }
  for (const name of kernelNames(inner)) {
    backend[name] = (...args: unknown[]): void => note(inner, name, args);
  }
  return backend as unknown as Backend;
}

/** The kernels that a backend has, wherever on it they are defined. */
function kernelNames(inner: Backend): (keyof OptionalKernels)[] {
  const names = new Set<string>();
  for (let at: object | null = inner; at !== null && at !== Object.prototype; ) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    at = Object.getPrototypeOf(at);
  }
  return [...names].filter(
    (name) =>
      name !== "constructor" &&
      !others.has(name) &&
      typeof inner[name as keyof Backend] === "function",
  ) as (keyof OptionalKernels)[];
}

/** Notes a call of a kernel. */
function note(inner: Backend, name: string, args: readonly unknown[]): void {
  const views: View[] = [];
  for (const arg of args) collectViews(arg, views);
  const all = new Set(views.map((view) => view.buffer as LazyBuffer));
  const writes = writesFirst.has(name) ? new Set([views[0]!.buffer as LazyBuffer]) : all;
  const run = (): void => {
    const kernel = inner[name as keyof Backend] as (...args: unknown[]) => void;
    kernel.apply(
      inner,
      args.map((arg) => withMemory(inner, arg)),
    );
  };
  const [after, before] = [new Set<Call>(), new Set<Call>()];
  const call: Call = { after, before, touches: all, writes, run, over: false };
  for (const buffer of all) {
    if (buffer.writer !== null) call.after.add(buffer.writer);
    if (writes.has(buffer)) for (const reader of buffer.readers) call.after.add(reader);
  }
  for (const earlier of call.after) earlier.before.add(call);
  for (const buffer of all) {
    buffer.uses += 1;
    if (writes.has(buffer)) {
      buffer.writer = call;
      buffer.readers.clear();
    } else buffer.readers.add(call);
  }
}

function isView(value: object): value is View {
  return "buffer" in value && "strides" in value;
}

function collectViews(value: unknown, found: View[]): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (isView(value)) found.push(value);
  else for (const part of Object.values(value)) collectViews(part, found);
}

/** The same argument with the memory below in the places of lazy buffers. */
function withMemory(inner: Backend, value: unknown): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (isView(value)) return { ...value, buffer: memoryOf(inner, value.buffer as LazyBuffer) };
  const views: View[] = [];
  collectViews(value, views);
  if (views.length === 0) return value;
  if (Array.isArray(value)) return value.map((part) => withMemory(inner, part));
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, withMemory(inner, part)]),
  );
}

function memoryOf(inner: Backend, buffer: LazyBuffer): Buffer {
  buffer.inner ??= { buffer: inner.alloc(buffer.dtype, buffer.size) };
  return buffer.inner.buffer;
}

/** A view whose values are computed. */
function ready(inner: Backend, x: View): View {
  const { writer } = x.buffer as LazyBuffer;
  if (writer !== null) finish(inner, [writer]);
  return withMemory(inner, x) as View;
}

/** Makes calls, after all those they wait for. A loop, as chains may be long. */
function finish(inner: Backend, calls: readonly Call[]): void {
  const stack = [...calls];
  while (stack.length > 0) {
    const call = stack.at(-1)!;
    const [earlier] = call.after;
    if (earlier !== undefined) {
      stack.push(earlier);
      continue;
    }
    stack.pop();
    if (call.over) continue;
    call.run();
    end(inner, call);
  }
}

/** Takes a call that was made, or that nobody needs, out of the graph. */
function end(inner: Backend, call: Call): void {
  call.over = true;
  for (const later of call.before) later.after.delete(call);
  call.before.clear();
  for (const earlier of call.after) earlier.before.delete(call);
  for (const buffer of call.touches) {
    if (buffer.writer === call) buffer.writer = null;
    buffer.readers.delete(call);
    buffer.uses -= 1;
    release(inner, buffer);
  }
}

/** Gives memory back that no call and no array needs. */
function release(inner: Backend, buffer: LazyBuffer): void {
  if (!buffer.freed || buffer.uses > 0 || buffer.inner === null) return;
  inner.free(buffer.inner.buffer);
  buffer.inner = null;
}

/** Drops a call whose results were all freed unread, and those that were made for it alone. */
function forgetUnread(inner: Backend, call: Call): void {
  const pending = [call];
  while (pending.length > 0) {
    const next = pending.pop()!;
    const isNeeded = next.before.size > 0 || [...next.writes].some((buffer) => !buffer.freed);
    if (isNeeded) continue;
    const earlier = [...next.after];
    end(inner, next);
    next.after.clear();
    pending.push(...earlier);
  }
}
