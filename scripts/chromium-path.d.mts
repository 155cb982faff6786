export const chromiumPath: string | null;
export const noChromium: string | null;
