// A clock that tests can move forward. In: a source of epoch milliseconds; out: the same, ahead by what was added.

export interface MovableClock {
  now(): number;
  advance(ms: number): void;
}

export function movableClock(source: () => number): MovableClock {
  let aheadMs = 0;
  return {
    now: () => source() + aheadMs,
    advance: (ms) => {
      if (!(ms >= 0)) throw new Error("the simulator's clock only moves forward; give a number of milliseconds from 0");
      aheadMs += ms;
    },
  };
}
