/** What the controls of an example say, by the page's language. */

interface Words {
  readonly run: string;
  readonly stop: string;
  readonly reset: string;
  readonly running: string;
  readonly stopped: string;
  readonly done: (seconds: string) => string;
  readonly code: string;
  readonly output: string;
}

const english: Words = {
  run: "Run",
  stop: "Stop",
  reset: "Reset",
  running: "Running…",
  stopped: "Stopped",
  done: (seconds) => `Done in ${seconds} s`,
  code: "Example, to be edited",
  output: "Output of the example",
};

const chinese: Words = {
  run: "运行",
  stop: "停止",
  reset: "还原",
  running: "运行中…",
  stopped: "已停止",
  done: (seconds) => `用时 ${seconds} 秒`,
  code: "示例代码，可以修改",
  output: "示例的输出",
};

/** The words for a page with this `lang`. */
export function wordsOf(lang: string): Words {
  return lang.startsWith("zh") ? chinese : english;
}
