// Waits for the signal that ends the process. A second one ends it at once: the operator has lost patience.

export type StopSignal = "SIGTERM" | "SIGINT";

export function untilSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
  });
}
