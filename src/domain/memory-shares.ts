// How much of the memory of a process each large user may take. In a container of 128 MB a storm must not end the process: the next
// process would begin with the same delivery, and end as well.

const megabyte = 2 ** 20;

/** Of webhook bodies, from the first byte until they are stored. */
export interface BodyShares {
  /** Bodies over 64 kB. The largest of them does not count, so that one can be larger than this. */
  readonly largeBytes: number;
  /** Bodies up to 64 kB, which nearly all are. */
  readonly smallBytes: number;
  /** Bodies that are parsed and not stored yet. Parsed, a body takes up to twenty times its length. */
  readonly parsedBytes: number;
}

export interface MemoryShares {
  /** Stored JSON in one delivery; the rest waits for the next one. While it is rendered, JSON takes up to thirty times its length. */
  readonly deliveryMaxBytes: number;
  readonly bodies: BodyShares;
  /** A connection takes 5 kB, and up to 16 kB more while the head of a request arrives. */
  readonly connections: number;
  /** Bodies of waiting notifications that are kept in memory, so that most are never read from the outbox. In characters. */
  readonly keptBodiesBytes: number;
  /**
   * Heap of the render thread. When it needs more, the thread ends, not the process. With half of 256 MB and a body of 19,000 alerts
   * after a storm, both heaps together were over the limit.
   */
  readonly threadHeapMegabytes: number;
  /**
   * An unused render thread keeps 30 MB, after a storm 80 MB, and a new one starts in a tenth of a second. With little memory it ends
   * sooner, to leave room for the next large body. In a storm a bot sends a message every 3 s.
   */
  readonly threadIdleMs: number;
}

/** With 8 GiB each has its maximum. With 128 MB a delivery of 4 MB ended the process, and one of 2 MB did not. */
export function memorySharesOf(memoryBytes: number): MemoryShares {
  return {
    deliveryMaxBytes: Math.floor(Math.min(32 * megabyte, memoryBytes / 128)),
    bodies: {
      largeBytes: Math.floor(Math.min(64 * megabyte, memoryBytes / 128)),
      smallBytes: Math.floor(Math.min(64 * megabyte, memoryBytes / 32)),
      parsedBytes: Math.floor(Math.min(64 * megabyte, memoryBytes / 128)),
    },
    connections: Math.floor(Math.min(10_000, (8 * memoryBytes) / megabyte)),
    keptBodiesBytes: Math.floor(Math.min(16 * megabyte, memoryBytes / 128)),
    threadHeapMegabytes: Math.floor(Math.min(1_024, (3 * memoryBytes) / 8 / megabyte)),
    threadIdleMs: Math.floor(Math.min(15_000, (8 * memoryBytes) / megabyte)),
  };
}
