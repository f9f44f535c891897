// How Alertmanager 0.35 repeats a webhook (notify/retry_stage.go, dispatch/dispatch.go): after a 5xx or a lost connection,
// with a growing pause that starts again at each group_interval.

import type { Clock } from "../../src/observe/clock.ts";

const groupIntervalMs = 300_000;
const firstPauseMs = 500;
const longestPauseMs = 60_000;
const never = new AbortController().signal;

/** @param post resolves to the HTTP status, or rejects when the connection is lost
 *  @param random in [0, 1) */
export async function postUntilTaken(post: () => Promise<number>, clock: Clock, random: () => number): Promise<void> {
  for (let flushAt = clock.now(); ; flushAt += groupIntervalMs) {
    const endsAt = flushAt + groupIntervalMs;
    for (let pauseMs = firstPauseMs; clock.now() < endsAt; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
      const status = await post().catch(() => 502);
      if (status < 500) return;
      await clock.sleep(Math.min(pauseMs * (0.5 + random()), endsAt - clock.now()), never);
    }
  }
}
