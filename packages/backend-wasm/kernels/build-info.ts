/** What the host asks of a module it was given compiled. */

/** 1 for the relaxed build. */
export function isRelaxed(): i32 {
  // @ts-ignore: defined on the command line or not at all
  return isDefined(RELAXED) ? 1 : 0;
}

/** A number that changes with the sources, so that those who call the kernels know their own. */
export function sources(): i32 {
  // @ts-ignore: defined on the command line
  return SOURCES;
}
