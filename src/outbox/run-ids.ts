/** Ids of one run; with 2^20 runs they stay below 2^53. At a thousand deliveries a second they last a month. */
const idsOfRun = 2 ** 33;

/** Ids that no other run of any process that shares the outbox makes, without asking the database for each. */
export class RunIds {
  readonly #run: number;
  #last = 0;

  /** @param run number of this opening of the outbox, from 1, never used before */
  constructor(run: number) {
    this.#run = run;
  }

  next(): number {
    this.#last += 1;
    if (this.#last >= idsOfRun) throw new Error("this process made too many ids; restart it");
    return this.#run * idsOfRun + this.#last;
  }
}
