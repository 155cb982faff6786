/** What the strides visualiser says, by the page's language. */
import type { Stage } from "./views.ts";

interface Words {
  readonly title: string;
  readonly newShape: string;
  readonly create: string;
  readonly undo: string;
  readonly axis: (axis: number) => string;
  readonly slice: string;
  readonly flip: string;
  readonly shape: string;
  readonly strides: string;
  readonly offset: string;
  readonly isCompact: string;
  readonly yes: string;
  readonly no: string;
  readonly targetShape: string;
  readonly view: string;
  readonly memory: (name: string) => string;
  readonly hint: string;
  readonly empty: string;
  readonly cell: (index: string, value: number, address: number) => string;
  readonly slot: (address: number, value: number, count: number) => string;
  readonly effects: Readonly<Record<Stage["effect"], (memory: string) => string>>;
}

const english: Words = {
  title: "Strides visualiser",
  newShape: "Shape of a new array",
  create: "Make it",
  undo: "Undo",
  axis: (axis) => `Axis ${axis}`,
  slice: "start:stop:step for each axis",
  flip: "Axis to flip",
  shape: "Shape",
  strides: "Strides",
  offset: "Offset",
  isCompact: "Compact",
  yes: "yes",
  no: "no",
  targetShape: "New shape",
  view: "The array",
  memory: (name) => `Memory ${name}`,
  hint: "Point at a cell, or move to one with the arrow keys, to see where it is.",
  empty: "The array has no elements.",
  cell: (index, value, address) => `Element ${index}: ${value}, at place ${address} of the memory`,
  slot: (address, value, count) =>
    `Place ${address}: ${value}, read by ${count} ${count === 1 ? "element" : "elements"}`,
  effects: {
    new: (memory) => `A new array in memory ${memory}, row after row.`,
    view: (memory) =>
      `A view: memory ${memory} is as it was, only shape, strides and offset changed.`,
    compact: (memory) =>
      `A copy: the elements lie row after row in memory ${memory}, which is new.`,
    reshape: (memory) =>
      `A copy: no strides give the old memory this shape, so reshape made memory ${memory}.`,
    same: (memory) => `The array itself: it is compact in memory ${memory} already.`,
  },
};

const chinese: Words = {
  title: "步幅可视化",
  newShape: "新数组的形状",
  create: "创建",
  undo: "撤销",
  axis: (axis) => `第 ${axis} 轴`,
  slice: "各轴的 start:stop:step",
  flip: "要翻转的轴",
  shape: "形状",
  strides: "步幅",
  offset: "偏移",
  isCompact: "紧凑",
  yes: "是",
  no: "否",
  targetShape: "新形状",
  view: "数组",
  memory: (name) => `内存 ${name}`,
  hint: "用鼠标指向格子，或用方向键移到格子上，看它在内存的哪里。",
  empty: "数组没有元素。",
  cell: (index, value, address) => `元素 ${index}：${value}，在内存的第 ${address} 格`,
  slot: (address, value, count) => `第 ${address} 格：${value}，被 ${count} 个元素读取`,
  effects: {
    new: (memory) => `内存 ${memory} 里的新数组，逐行存放。`,
    view: (memory) => `视图：内存 ${memory} 原封不动，只改了形状、步幅和偏移。`,
    compact: (memory) => `复制：元素逐行存放在新的内存 ${memory} 里。`,
    reshape: (memory) => `复制：旧内存用任何步幅都得不到这个形状，reshape 只好新建内存 ${memory}。`,
    same: (memory) => `就是原数组：它在内存 ${memory} 里已经是紧凑的。`,
  },
};

/** The words for a page with this `lang`. */
export function wordsOf(lang: string): Words {
  return lang.startsWith("zh") ? chinese : english;
}

/** What a memory is called: A, B, … */
export function memoryName(number: number): string {
  return String.fromCharCode("A".charCodeAt(0) + (number % 26));
}
