// `:8060`, `127.0.0.1:8060`, `[::1]:8060`: the form every Prometheus program takes for --web.listen-address.

export interface ListenAddress {
  /** Null listens on every interface. */
  readonly host: string | null;
  readonly port: number;
}

export type ParsedListenAddress =
  | { readonly kind: "address"; readonly address: ListenAddress }
  | { readonly kind: "faulty"; readonly message: string };

export function parseListenAddress(text: string): ParsedListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/u.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    return { kind: "faulty", message: `"${text}" is not a listen address; write :8060 or 127.0.0.1:8060` };
  }
  const host = match[1] ?? match[2] ?? "";
  return { kind: "address", address: { host: host === "" ? null : host, port } };
}

/** Where a program on this machine reaches that address. */
export function localOrigin({ host, port }: ListenAddress): string {
  const reachable = host === null || host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}
