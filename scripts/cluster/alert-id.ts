// The mark by which an alert of the traffic is found again in a message. Pure.

export function alertId(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(5, "0")}x`;
}

/** All marks with that prefix in a text, in its order, repeats included. */
export function alertIdsIn(text: string, prefix: string): readonly string[] {
  return text.match(new RegExp(`\\b${prefix}\\d{5}x\\b`, "gu")) ?? [];
}
