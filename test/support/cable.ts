// The network between two programs: a TCP relay that can be cut. While it is cut, no byte and no end of a connection gets through, and
// new connections are accepted but stay silent. After the repair the held bytes arrive, as TCP would resend them.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Cable {
  readonly port: number;
  cut(): void;
  repair(): void;
  /** Connections that the cut holds back: new ones, and those with bytes on their way to the far side. */
  held(): number;
  close(): void;
}

interface Line {
  readonly near: Socket;
  readonly far: Socket;
}

export async function startCable(toPort: number): Promise<Cable> {
  const lines = new Set<Line>();
  const waiting = new Set<Socket>();
  let whole = true;

  const join = (near: Socket) => {
    const line = { near, far: connect({ host: "127.0.0.1", port: toPort, allowHalfOpen: true }) };
    lines.add(line);
    for (const end of [line.near, line.far]) end.on("close", () => whole && drop(line));
    flow(line);
  };
  const drop = (line: Line) => {
    lines.delete(line);
    line.near.destroy();
    line.far.destroy();
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    near.on("error", () => {});
    if (whole) join(near);
    else waiting.add(near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      whole = false;
      for (const { near, far } of lines) {
        near.unpipe(far);
        far.unpipe(near);
      }
    },
    repair() {
      whole = true;
      for (const line of lines) {
        if (line.near.destroyed || line.far.destroyed) drop(line);
        else flow(line);
      }
      for (const near of waiting) if (!near.destroyed) join(near);
      waiting.clear();
    },
    held: () => waiting.size + [...lines].filter(({ near }) => near.readableLength > 0).length,
    close() {
      server.close();
      for (const line of lines) drop(line);
      for (const near of waiting) near.destroy();
    },
  };
}

function flow({ near, far }: Line): void {
  far.on("error", () => {});
  near.pipe(far);
  far.pipe(near);
}
