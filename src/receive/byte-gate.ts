/** Resolves, in the order of the calls, when the bytes fit beside those that have entered; the result returns them. */
export type ByteGate = (bytes: number) => Promise<() => void>;

/** More than `maxBytes` enter alone. */
export function createByteGate(maxBytes: number): ByteGate {
  const waiting: { readonly bytes: number; readonly enter: () => void }[] = [];
  let entered = 0;
  const admit = () => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (entered > 0 && entered + next.bytes > maxBytes) return;
      waiting.shift();
      entered += next.bytes;
      next.enter();
    }
  };
  return async (bytes) => {
    await new Promise<void>((enter) => {
      waiting.push({ bytes, enter });
      admit();
    });
    return () => {
      entered -= bytes;
      admit();
    };
  };
}
