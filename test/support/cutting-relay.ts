// A TCP relay to a server that ends each connection after a number of bytes, wherever they end: in the middle of a statement, or of
// its answer. The bytes before the cut arrive, so a server may have done what it could not say any more.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface CuttingRelay {
  readonly port: number;
  /** From now on, connections carry no more than this from and to the server; null for no limit. Asked once for each connection. */
  limit(bytes: (() => CutAfter) | null): void;
  /** Connections ended so far. */
  cuts(): number;
  close(): void;
}

export interface CutAfter {
  readonly direction: "toServer" | "fromServer";
  readonly bytes: number;
}

export async function startCuttingRelay(toPort: number): Promise<CuttingRelay> {
  const open = new Set<Socket>();
  let cutAfter: (() => CutAfter) | null = null;
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect({ host: "127.0.0.1", port: toPort });
    const end = () => {
      for (const socket of [near, far]) {
        open.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [near, far]) open.add(socket.on("error", end).on("close", end));
    const cut = cutAfter?.() ?? null;
    const left = (direction: CutAfter["direction"]) => (cut?.direction === direction ? cut.bytes : Infinity);
    const cutNow = () => {
      cuts += 1;
      end();
    };
    carry(near, far, { bytes: left("toServer"), cut: cutNow });
    carry(far, near, { bytes: left("fromServer"), cut: cutNow });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    limit(bytes) {
      cutAfter = bytes;
      // Those that are open have no limit.
      for (const socket of open) socket.destroy();
    },
    cuts: () => cuts,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Writes at most so many bytes, then calls `cut` when the last of them are out. */
function carry(from: Socket, to: Socket, { bytes, cut }: { readonly bytes: number; readonly cut: () => void }): void {
  let left = bytes;
  from.on("data", (chunk: Buffer) => {
    if (left === 0) return;
    const sent = chunk.subarray(0, left);
    left -= sent.length;
    to.write(sent, left === 0 ? cut : undefined);
  });
}
