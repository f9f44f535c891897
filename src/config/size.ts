// Sizes as Prometheus writes them: `512KB`, `10MB`, `1GB`; powers of two with and without the `i` (10MB is 10MiB, 10·1024² bytes).

export const sizePattern = /^\d+(?:[KMGT]i?)?B$/;

const unitBytes: Readonly<Record<string, number>> = { B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** Bytes; null when the text is no size. */
export function readSize(text: string): number | null {
  if (!sizePattern.test(text)) return null;
  const unit = text.replace(/^\d+/, "").charAt(0);
  return Number.parseInt(text, 10) * (unitBytes[unit] ?? 1);
}
