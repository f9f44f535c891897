// What of a process's memory each of its large users may take. In a container of 128 MB a storm must not end the process: the next
// one would begin with the same delivery, and end as well.

const megabyte = 2 ** 20;

export interface MemoryShares {
  /** Of stored JSON, for one delivery; what is beyond it waits for the next one. Being told, JSON takes up to thirty times its length. */
  readonly deliveryMaxBytes: number;
  /** Of webhook bodies, all that are being read or stored. Parsed, a body takes up to twenty times its length. */
  readonly bodiesBytes: number;
  /** Of the thread that puts deliveries into words: beyond it the thread ends, not the process. */
  readonly threadHeapMegabytes: number;
}

/** With 8 GiB, the most of each. At 128 MB a delivery of 4 MB ended the process, and one of 2 MB did not. */
export function memorySharesOf(memoryBytes: number): MemoryShares {
  return {
    deliveryMaxBytes: Math.floor(Math.min(32 * megabyte, memoryBytes / 128)),
    bodiesBytes: Math.floor(Math.min(64 * megabyte, memoryBytes / 128)),
    threadHeapMegabytes: Math.floor(Math.min(1_024, memoryBytes / 2 / megabyte)),
  };
}
