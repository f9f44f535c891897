// One record as one line of logfmt: `time=… level=… msg=…`, then the fields in their order, nested ones with dotted names.

export type LogRecord = Readonly<Record<string, unknown>>;

const first = ["time", "level", "msg"] as const;

export function toLogfmt(record: LogRecord): string {
  const leading = first.filter((name) => record[name] !== undefined).map((name) => pair(name, record[name]));
  const fields = Object.entries(record).filter(([name]) => !first.some((known) => known === name));
  return [...leading, ...fields.flatMap(([name, value]) => pairs(name, value))].join(" ");
}

function pairs(name: string, value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [pair(name, value)];
  return Object.entries(value).flatMap(([inner, nested]) => pairs(`${name}.${inner}`, nested));
}

function pair(name: string, value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `${name.replace(/[\s="\p{Cc}]/gu, "_")}=${quoted(text)}`;
}

/** Bare unless that would be ambiguous, or break the line. */
function quoted(text: string): string {
  return text !== "" && !/[\s"=\\\p{Cc}]/u.test(text) ? text : JSON.stringify(text);
}
