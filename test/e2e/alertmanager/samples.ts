// Samples for Prometheus to scrape. A test sets them to make rules fire. Each has its own time: on a busy machine a
// scrape may time out, and then series without own times end, and their alerts recover and fire again.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Samples {
  /** host:port, for a scrape config. */
  readonly address: string;
  /** A series as Prometheus writes it, and its value from now on. */
  set(series: string, value: number): void;
  /** Its target has this series no more. */
  remove(series: string): void;
  close(): void;
}

export async function startSamples(): Promise<Samples> {
  const values = new Map<string, number>();
  const server = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/plain; version=0.0.4");
    const now = Date.now();
    response.end([...values].map(([series, value]) => `${series} ${value} ${now}\n`).join(""));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (series, value) => void values.set(series, value),
    remove: (series) => void values.delete(series),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
