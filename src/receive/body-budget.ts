// How many bytes of bodies may be held at once, over all requests that are being read or stored.

export interface BodyBudget {
  /** Takes what one more chunk needs; false, taking nothing, when the pool has no room for it. Whoever is alone has room. */
  take(bytes: number): boolean;
  /** Gives back all that was taken. */
  release(): void;
}

/** One pool for a receiver; a budget for each request. */
export function createBodyPool(maxBytes: number): () => BodyBudget {
  let held = 0;
  return () => {
    let own = 0;
    return {
      take(bytes) {
        const alone = held === own;
        if (held + bytes > maxBytes && !alone) return false;
        held += bytes;
        own += bytes;
        return true;
      },
      release() {
        held -= own;
        own = 0;
      },
    };
  };
}
