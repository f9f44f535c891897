// Looks into parsed JSON whose shape nobody has promised. In: any JSON value and a dotted path; out: what is there, or
// an empty value of the wanted kind. Never throws.

export interface JsonObject {
  readonly [name: string]: unknown;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own value at a dotted path ("news.articles"), or undefined. */
export function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split(".")) {
    found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** The string at a path; numbers are written out, anything else is "". */
export function textAt(value: unknown, path: string): string {
  const found = valueAt(value, path);
  if (typeof found === "string") return found;
  return typeof found === "number" ? String(found) : "";
}

export function objectsAt(value: unknown, path: string): readonly JsonObject[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found.filter(isObject) : [];
}

export function textsAt(value: unknown, path: string): readonly string[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found.filter((item) => typeof item === "string") : [];
}
