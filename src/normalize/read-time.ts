// The times of an alert: RFC 3339 with up to nine digits of a second and an offset, as Go writes them.
// No clock here: whether a time lies in the future is not asked, and never decides a state.

export interface ReadTime {
  /** Epoch ms, digits below a millisecond dropped; null for no time, an unreadable one, or one not after 1970 (Go's and Unix's zero). */
  readonly at: number | null;
  /** As sent, zero times included, for templates that test for them; empty when unreadable (`%s` has been seen). */
  readonly text: string;
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)([Zz]|[+-]\d\d:\d\d)$/;

const none: ReadTime = { at: null, text: "" };

export function readTime(value: unknown): ReadTime {
  const [text, date, time, offset] = (typeof value === "string" && rfc3339.exec(value)) || [];
  if (text === undefined || date === undefined || !isCalendarDate(date)) return none;

  const at = Date.parse(`${date}T${time}${offset?.toUpperCase()}`);
  if (Number.isNaN(at)) return none;

  return { at: at > 0 ? at : null, text };
}

/** Date.parse takes 30 February for 2 March. Of the 28th and before there is one in every month. */
function isCalendarDate(date: string): boolean {
  if (Number(date.slice(-2)) <= 28) return true;
  const at = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date);
}
