// A proxy between a sender and the simulator that delays every request on the simulated clock.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../src/observe/clock.ts";

export interface LatencyProxy {
  readonly origin: string;
  close(): void;
}

const never = new AbortController().signal;

export async function startLatencyProxy(robot: string, clock: Clock, latencyMs: number): Promise<LatencyProxy> {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    await clock.sleep(latencyMs, never);
    const answer = await fetch(`${robot}${request.url}`, { method: "POST", headers, body });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
