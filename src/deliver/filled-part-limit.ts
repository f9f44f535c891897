/** Limits how many filled parts a process keeps: a picture has up to 3 MB, and there may be a thousand lanes. */
export class FilledPartLimit {
  #free: number;

  constructor(most = 8) {
    this.#free = most;
  }

  /** False when there are as many as may be. */
  take(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  giveBack(): void {
    this.#free += 1;
  }
}
