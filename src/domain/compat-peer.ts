// Adapters whose endpoints can be imitated, so that a migration changes a single line of the sender.

export const compatPeers = [
  "a2w",
  "bougou",
  "daozzg",
  "g2ww",
  "k8stech",
  "leezbug",
  "lido",
  "metio",
  "notification-manager",
  "prom2teams",
  "prometheusalert",
  "rainbowhhy",
  "timonwong",
] as const;

export type CompatPeer = (typeof compatPeers)[number];
