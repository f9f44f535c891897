// Computes what many bots would need from the cost of one notification.

export interface PerNotification {
  readonly replicasMs: number;
  readonly serverMs: number;
  readonly statements: number;
  readonly logBytes: number;
  readonly storedBytes: number;
}

const retentionDays = 7;
const secondsPerDay = 86_400;

/** One line for this number of bots, each with `perMinute` notifications. */
export function needsOf(cost: PerNotification, bots: number, perMinute: number): string {
  const perSecond = (bots * perMinute) / 60;
  const stored = perSecond * secondsPerDay * retentionDays * cost.storedBytes;
  return [
    `${bots.toLocaleString("en")} bots at ${perMinute} a minute: ${perSecond.toFixed(0)} notifications/s`,
    `cores: replicas ${((perSecond * cost.replicasMs) / 1_000).toFixed(1)}, server ${((perSecond * cost.serverMs) / 1_000).toFixed(1)}`,
    `${(perSecond * cost.statements).toFixed(0)} statements/s`,
    `log ${((perSecond * cost.logBytes) / 1e6).toFixed(1)} MB/s`,
    `stored in ${retentionDays} days ${(stored / 1e9).toFixed(0)} GB`,
  ].join(", ");
}
