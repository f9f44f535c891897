// Colours of a graph. Text has a contrast of at least 4.5 on white (WCAG 2.2, 1.4.3).

export const ink = "#1f2933";
export const grey = "#5b6675";
export const gridColour = "#e4e7ec";
export const background = "#ffffff";
export const red = "#d92d20";
export const green = "#067647";

/** Warm for alerts, cold for those beside them. */
const alertColours = [red, "#b54708", "#c11574", "#7a271a", "#dc6803", "#9e165f"];
const otherColours = ["#2f6fed", "#0e9384", "#7a5af8", "#4a5568", "#0ba5ec", "#3b7c0f"];

/** Of the n-th curve of its kind. */
export function curveColour(isAlert: boolean, n: number): string {
  const colours = isAlert ? alertColours : otherColours;
  return colours[n % colours.length] ?? ink;
}
