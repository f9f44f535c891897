// The common labels and annotations of a group as sent, made true: senders leave them out, and hand-made bodies contradict themselves.

import type { LabelSet } from "../domain/alert.ts";
import { commonPairs } from "../domain/group.ts";

/** What all alerts share, and what the sender says of all of them where no alert says otherwise. Linear in the number of pairs. */
export function readCommon(sent: LabelSet, sets: readonly LabelSet[]): LabelSet {
  const common = commonPairs(sets);
  const undisputed = new Map(Object.entries(sent).filter(([name]) => !Object.hasOwn(common, name)));
  // So it is from every Alertmanager.
  if (undisputed.size === 0) return common;

  for (const set of sets) {
    for (const [name, value] of Object.entries(set)) {
      if (undisputed.get(name) !== value) undisputed.delete(name);
    }
  }

  return Object.fromEntries([...undisputed, ...Object.entries(common)]);
}
