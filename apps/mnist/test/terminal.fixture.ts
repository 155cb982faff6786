/** The built program in a pseudo-terminal, and what a person would see on its screen. */
import { fileURLToPath } from "node:url";
import xterm from "@xterm/headless";

const program = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

/** Why there are no pseudo-terminals here; null where there are. */
export let noTerminal: string | null = null;
if (process.platform === "win32") noTerminal = "the tests use a POSIX shell";
const pty = await import("@lydell/node-pty").catch((error: Error) => {
  noTerminal = `no pseudo-terminal for ${process.platform}-${process.arch}: ${error.message}`;
  return null;
});

/** Keeps the terminal open for a while after the program: what it wrote last would else be lost. */
const lingering = 'trap : INT; "$0" "$@"; code=$?; sleep 0.5; exit $code';

/** A terminal that a program runs in. */
export class TestTerminal {
  /** All that the program wrote, escape sequences included. */
  written = "";
  /** Its exit code. */
  readonly ended: Promise<number>;
  readonly #screen: xterm.Terminal;
  readonly #process: NonNullable<typeof pty> extends { spawn(...args: never[]): infer P }
    ? P
    : never;
  #drawn: Promise<void> = Promise.resolve();
  readonly #onScreen: ((terminal: TestTerminal) => void) | undefined;

  /** @param options.onScreen - called whenever the screen has changed. */
  constructor(
    argv: readonly string[],
    options: {
      readonly columns: number;
      /** The working folder. */
      readonly cwd?: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly onScreen?: (terminal: TestTerminal) => void;
    },
  ) {
    const { columns, cwd, env = {}, onScreen } = options;
    this.#onScreen = onScreen;
    const size = { cols: columns, rows: 24 };
    this.#screen = new xterm.Terminal({ ...size, scrollback: 1000, allowProposedApi: true });
    const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env as Record<string, string>;
    this.#process = pty!.spawn("sh", ["-c", lingering, process.execPath, program, ...argv], {
      ...size,
      cwd,
      name: env.TERM ?? "xterm-256color",
      env: { ...inherited, LANG: "C.UTF-8", LC_ALL: "C.UTF-8", ...env },
    });
    this.#process.onData((text) => this.#show(text));
    this.ended = new Promise((resolve) => {
      this.#process.onExit(({ exitCode }) => {
        void this.#drawn.then(() => resolve(exitCode));
      });
    });
  }

  /** The lines that are or were on the screen. */
  get lines(): string[] {
    const { active } = this.#screen.buffer;
    const lines = Array.from({ length: active.length }, (_, i) =>
      active.getLine(i)!.translateToString(true),
    );
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** The lines that go on where the terminal ended, which none should. */
  get broken(): string[] {
    const { active } = this.#screen.buffer;
    const lines = Array.from({ length: active.length }, (_, i) => active.getLine(i)!);
    return lines.filter((line) => line.isWrapped).map((line) => line.translateToString(true));
  }

  /** What is typed. */
  type(text: string): void {
    this.#process.write(text);
  }

  resize(columns: number): void {
    this.#screen.resize(columns, 24);
    this.#process.resize(columns, 24);
  }

  #show(text: string): void {
    this.written += text;
    this.#drawn = new Promise((resolve) => {
      this.#screen.write(text, () => {
        this.#onScreen?.(this);
        resolve();
      });
    });
  }
}
