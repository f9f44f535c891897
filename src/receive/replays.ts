// Signatures that were accepted, for as long as their time is fresh: a captured request does not pass a second time. Only who
// knows the secret can fill it; beyond its bound the oldest are forgotten.

export interface Replays {
  /** False when the signature was claimed before and is still held. */
  claim(signature: string, span: { readonly untilAt: number; readonly now: number }): boolean;
  /** What was not accepted may be sent again. */
  release(signature: string): void;
}

const maxSignatures = 20_000;

export function createReplays(max = maxSignatures): Replays {
  const held = new Map<string, number>();
  return {
    claim(signature, { untilAt, now }) {
      if ((held.get(signature) ?? Number.NEGATIVE_INFINITY) >= now) return false;
      held.delete(signature);
      if (held.size >= max) forget(held, now, max);
      held.set(signature, untilAt);
      return true;
    },
    release: (signature) => void held.delete(signature),
  };
}

function forget(held: Map<string, number>, now: number, max: number): void {
  for (const [signature, untilAt] of held) if (untilAt < now) held.delete(signature);
  for (const signature of held.keys()) {
    if (held.size < max) return;
    held.delete(signature);
  }
}
