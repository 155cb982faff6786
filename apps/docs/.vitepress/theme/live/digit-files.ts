/** Which digits the site has, and where. */

/** Of each part, the first so many. */
export const digitsOnSite = 10_000;

/** The paths of the files below the site's root, by their names in `mnist({ from })`. */
export const digitFiles = {
  trainImages: "mnist/train-images-idx3-ubyte.gz",
  trainLabels: "mnist/train-labels-idx1-ubyte.gz",
  testImages: "mnist/t10k-images-idx3-ubyte.gz",
  testLabels: "mnist/t10k-labels-idx1-ubyte.gz",
} as const;
