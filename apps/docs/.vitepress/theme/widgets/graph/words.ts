/** What the graph stepper says, by the page's language. */
import { type ExpressionError, functions, longest, type Problem } from "./expression.ts";

interface Words {
  readonly title: string;
  readonly expression: string;
  readonly variable: string;
  readonly value: string;
  readonly direction: string;
  readonly valueOf: (name: string) => string;
  readonly directionOf: (name: string) => string;
  readonly reset: string;
  readonly back: string;
  readonly step: string;
  readonly forward: string;
  readonly backward: string;
  readonly extend: string;
  readonly differentiate: string;
  readonly by: (name: string) => string;
  readonly trail: string;
  readonly graph: string;
  readonly node: string;
  readonly computed: string;
  readonly tangent: string;
  readonly adjoint: string;
  readonly start: string;
  readonly forwardStep: (i: number, count: number) => string;
  readonly backwardStep: (i: number, count: number) => string;
  readonly finished: string;
  readonly tooLarge: string;
  readonly at: (position: number, text: string) => string;
  readonly problems: Readonly<Record<Problem, (found: string) => string>>;
}

const english: Words = {
  title: "Graph stepper",
  expression: "Expression",
  variable: "Variable",
  value: "Value",
  direction: "Direction",
  valueOf: (name) => `Value of ${name}`,
  directionOf: (name) => `Direction along ${name}`,
  reset: "Start again",
  back: "Back",
  step: "Step",
  forward: "Run forward",
  backward: "Run backward",
  extend: "Extend the graph",
  differentiate: "Differentiate again:",
  by: (name) => `by ${name}`,
  trail: "Functions so far",
  graph: "Computational graph",
  node: "Node",
  computed: "Computed as",
  tangent: "Tangent",
  adjoint: "Adjoint",
  start: "Nothing is computed yet. Each step computes one node.",
  forwardStep: (i, count) => `Forward, node ${i} of ${count}`,
  backwardStep: (i, count) => `Backward, node ${i} of ${count}`,
  finished: "All partial derivatives in one pass:",
  tooLarge: "The graph has become too large to draw.",
  at: (position, text) => `Position ${position}: ${text}`,
  problems: {
    empty: () => "Write an expression, such as x1 * x2.",
    long: () => `At most ${longest} characters fit here.`,
    character: (found) => `“${found}” has no meaning here.`,
    unexpected: (found) => `“${found}” does not fit here.`,
    end: () => "The expression ends too soon.",
    unknown: (found) => `There is no function “${found}”; there are ${functions.join(", ")}.`,
    call: (found) => `“${found}” needs its argument in parentheses: ${found}(x).`,
  },
};

const chinese: Words = {
  title: "计算图步进器",
  expression: "表达式",
  variable: "变量",
  value: "值",
  direction: "方向",
  valueOf: (name) => `${name} 的值`,
  directionOf: (name) => `沿 ${name} 的方向`,
  reset: "重新开始",
  back: "后退",
  step: "单步",
  forward: "前向到底",
  backward: "反向到底",
  extend: "扩展计算图",
  differentiate: "再次求导：",
  by: (name) => `对 ${name}`,
  trail: "已有的函数",
  graph: "计算图",
  node: "节点",
  computed: "计算式",
  tangent: "切线",
  adjoint: "伴随",
  start: "还没有计算任何节点。每一步计算一个节点。",
  forwardStep: (i, count) => `前向，第 ${i} 个节点，共 ${count} 个`,
  backwardStep: (i, count) => `反向，第 ${i} 个节点，共 ${count} 个`,
  finished: "一遍就得到全部偏导数：",
  tooLarge: "计算图太大，画不下了。",
  at: (position, text) => `第 ${position} 个字符：${text}`,
  problems: {
    empty: () => "请输入表达式，例如 x1 * x2。",
    long: () => `最多 ${longest} 个字符。`,
    character: (found) => `这里不能用“${found}”。`,
    unexpected: (found) => `“${found}”不该出现在这里。`,
    end: () => "表达式还没有写完。",
    unknown: (found) => `没有函数“${found}”，可用的有 ${functions.join("、")}。`,
    call: (found) => `“${found}”的参数要放在括号里：${found}(x)。`,
  },
};

/** The words for a page with this `lang`. */
export function wordsOf(lang: string): Words {
  return lang.startsWith("zh") ? chinese : english;
}

/** An error as a sentence, with its position counted from 1. */
export function describeProblem(
  { problem, position, found }: ExpressionError,
  { at, problems }: Words,
): string {
  return at(position + 1, problems[problem](found));
}
