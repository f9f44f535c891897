// One request at a time for a key. A bot's own loop sees to it, but a reload may hand a key from one bot to another while the
// first still waits for its answer.

export type TakeTurn = <T>(keyId: string, request: () => Promise<T>) => Promise<T>;

/** `request` never rejects: every outcome of a request to WeCom is a value. */
export function createTurns(): TakeTurn {
  const last = new Map<string, Promise<unknown>>();
  return (keyId, request) => {
    const turn = (last.get(keyId) ?? Promise.resolve()).then(request);
    last.set(keyId, turn);
    return turn;
  };
}
