// Alert text is data.

export function markData(text: string): string {
  return text;
}

export function plainText(text: string): string {
  return text;
}
