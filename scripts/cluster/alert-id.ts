// The id in an alert of the traffic, by which it is found in a message.

export function alertId(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(5, "0")}x`;
}

/** All ids with the prefix in a text, in order, with repeats. */
export function alertIdsIn(text: string, prefix: string): readonly string[] {
  return text.match(new RegExp(`\\b${prefix}\\d{5}x\\b`, "gu")) ?? [];
}
