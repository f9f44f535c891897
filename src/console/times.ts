/** How pages write instants. */
export interface Times {
  /** Like `11-30 13:55:04`, with the year when it is not this one's. Epoch ms by the outbox's clock. */
  at(outboxAt: number): string;
  /** The same without seconds. */
  minute(outboxAt: number): string;
}

export interface TimesOptions {
  readonly timezone: string;
  /** By the machine's clock. */
  readonly now: number;
  /** The same instant by the outbox's. */
  readonly outboxNow: number;
}

export function timesIn({ timezone, now, outboxNow }: TimesOptions): Times {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "medium" });
  const year = format.format(now).slice(0, 5);
  const at = (outboxAt: number) => {
    const text = format.format(outboxAt + now - outboxNow);
    return text.startsWith(year) ? text.slice(year.length) : text;
  };
  return { at, minute: (outboxAt) => at(outboxAt).slice(0, -":00".length) };
}
