// The part of the outbox that moves it: every row out of one storage, and into another, whatever engines they are. Types only.

/** How many rows of each table; also tables without any. */
export type RowCounts = Readonly<Record<string, number>>;

export interface ImportOptions {
  /** The machine's clock, epoch ms: through it instants of one storage's clock become instants of another's. */
  readonly machineNow: () => number;
  /** How long a slot stays taken after its answer. */
  readonly windowMs: number;
}

/** For whoever stopped every process that works on the outbox. */
export interface Transfer {
  /**
   * Hands every row over but the leases, as lines of text without their ends; the last line vouches for all others. Changes
   * nothing. Throws OutboxInUse while another process works on the outbox.
   */
  exportTo(write: (line: string) => Promise<void>, machineNow: () => number): Promise<RowCounts>;

  /**
   * Stores what `exportTo` handed over, all of it or nothing. What was being sent is in doubt, as after a crash; slots that were
   * taken at the export are taken for a whole window from now on, since nobody knows how long the way took. Throws
   * OutboxNotEmpty, OutboxInUse, or ExportFaulty when a line is damaged, missing, or of another version. `onWork` does not tell of it.
   */
  importFrom(lines: AsyncIterable<string>, options: ImportOptions): Promise<RowCounts>;
}
