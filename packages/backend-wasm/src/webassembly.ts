/**
 * The little of WebAssembly, and of the runtime around it, that this package uses: its types know
 * neither Node nor the browser.
 */

/** Linear memory. */
export interface Memory {
  /** Replaced by `grow`; the old one is then empty. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A compiled module. The name is the platform's, so that its own type fits. */
export type Module = object;

interface Instance {
  readonly exports: Readonly<Record<string, unknown>>;
}

type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface WebAssemblyNamespace {
  readonly Memory: new (limits: { initial: number; maximum?: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Instance: new (module: Module, imports: Imports) => Instance;
  compile(bytes: Uint8Array): Promise<Module>;
  instantiate(module: Module, imports: Imports): Promise<Instance>;
  validate(bytes: Uint8Array): boolean;
}

interface Runtime {
  readonly WebAssembly?: WebAssemblyNamespace;
  readonly atob: (text: string) => string;
  readonly console?: { warn(message: string): void };
  readonly process?: {
    readonly versions?: { readonly node?: string };
    getBuiltinModule?: (name: string) => unknown;
  };
}

/** The global object, as far as it is used here. */
export const runtime: Runtime = globalThis as unknown as Runtime;
