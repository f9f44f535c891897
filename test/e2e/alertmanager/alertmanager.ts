// A real Alertmanager, alone or as a peer in a cluster on loopback.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, startServer } from "../../support/child.ts";

export interface Alertmanager {
  readonly origin: string;
  /** For `--cluster.peer` of the peers that join it. */
  readonly clusterAddress: string;
  /** The sum over the series of a metric, named without `alertmanager_`, whose labels contain `labels`. */
  metric(name: string, labels?: string): Promise<number>;
  /** True when the cluster, as this peer sees it, has `peers` members and has settled. */
  settled(peers: number): Promise<boolean>;
  stop(): Promise<unknown>;
}

export interface AlertmanagerOptions {
  readonly command: string;
  readonly folder: string;
  readonly config: string;
  /** Members to join; null for a single Alertmanager without a cluster. */
  readonly peers: readonly string[] | null;
}

export async function startAlertmanager({
  command,
  folder,
  config,
  peers,
}: AlertmanagerOptions): Promise<Alertmanager> {
  const port = await freePort();
  const clusterAddress = `127.0.0.1:${await freePort()}`;
  const origin = `http://127.0.0.1:${port}`;
  const file = join(folder, `alertmanager-${port}.yml`);
  writeFileSync(file, config);
  const args = [
    `--config.file=${file}`,
    `--storage.path=${join(folder, `alertmanager-${port}`)}`,
    `--web.listen-address=127.0.0.1:${port}`,
    `--web.external-url=${origin}`,
    ...(peers === null ? ["--cluster.listen-address="] : clusterFlags(clusterAddress, peers)),
    "--log.level=warn",
  ];
  const child = await startServer({ command, args }, `${origin}/-/ready`);

  return {
    origin,
    clusterAddress,
    async metric(name, labels = "") {
      const text = await (await fetch(`${origin}/metrics`)).text();
      const rows = text
        .split("\n")
        .filter((row) => new RegExp(`^alertmanager_${name}[{ ]`, "u").test(row) && row.includes(labels));
      return rows.reduce((sum, row) => sum + Number(row.split(" ").at(-1)), 0);
    },
    async settled(count) {
      const { cluster } = (await (await fetch(`${origin}/api/v2/status`)).json()) as {
        readonly cluster: { readonly status: string; readonly peers?: readonly unknown[] };
      };
      return cluster.status === "ready" && (cluster.peers?.length ?? 0) === count;
    },
    stop: () => child.stop("SIGKILL"),
  };
}

/** Gossip at ten times its usual pace: a cluster settles in one second instead of ten. */
function clusterFlags(address: string, peers: readonly string[]): readonly string[] {
  return [
    `--cluster.listen-address=${address}`,
    ...peers.map((peer) => `--cluster.peer=${peer}`),
    "--cluster.gossip-interval=20ms",
    "--cluster.peer-timeout=1s",
  ];
}
