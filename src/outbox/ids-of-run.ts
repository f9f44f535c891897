/** Ids that one run of the program makes; with 2^20 runs they stay below 2^53. At a thousand deliveries a second they last a month. */
const mostIds = 2 ** 33;

/** Each unlike any that another process or run makes, without asking the database. */
export function idsOfRun(run: number): () => number {
  let last = run * mostIds;
  return () => {
    last += 1;
    if (last >= (run + 1) * mostIds) throw new Error("this process made too many ids; restart it");
    return last;
  };
}
