// How much of the memory of a process each large user may take. In a container of 128 MB a storm must not end the process: the next
// process would begin with the same delivery, and end as well.

const megabyte = 2 ** 20;

export interface MemoryShares {
  /** Stored JSON in one delivery; the rest waits for the next one. While it is rendered, JSON takes up to thirty times its length. */
  readonly deliveryMaxBytes: number;
  /** All webhook bodies that are being read or stored. Parsed, a body takes up to twenty times its length. */
  readonly bodiesBytes: number;
  /** Bodies of waiting notifications that are kept in memory, so that most are never read from the outbox. In characters. */
  readonly keptBodiesBytes: number;
  /** Heap of the render thread. When it needs more, the thread ends, not the process. */
  readonly threadHeapMegabytes: number;
}

/** With 8 GiB each has its maximum. With 128 MB a delivery of 4 MB ended the process, and one of 2 MB did not. */
export function memorySharesOf(memoryBytes: number): MemoryShares {
  return {
    deliveryMaxBytes: Math.floor(Math.min(32 * megabyte, memoryBytes / 128)),
    bodiesBytes: Math.floor(Math.min(64 * megabyte, memoryBytes / 128)),
    keptBodiesBytes: Math.floor(Math.min(16 * megabyte, memoryBytes / 128)),
    threadHeapMegabytes: Math.floor(Math.min(1_024, memoryBytes / 2 / megabyte)),
  };
}
