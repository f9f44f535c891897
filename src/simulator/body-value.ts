// Reads parsed JSON of unknown shape by dotted path. Returns an empty value when there is none of the wanted type.

export interface BodyObject {
  readonly [name: string]: unknown;
}

export function isBodyObject(value: unknown): value is BodyObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own value at a dotted path ("news.articles"), or undefined. */
export function bodyValueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split(".")) {
    found = isBodyObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** The string at a path; a number as a string; "" for anything else. */
export function bodyTextAt(value: unknown, path: string): string {
  const found = bodyValueAt(value, path);
  if (typeof found === "string") return found;
  return typeof found === "number" ? String(found) : "";
}

export function bodyObjectsAt(value: unknown, path: string): readonly BodyObject[] {
  const found = bodyValueAt(value, path);
  return Array.isArray(found) ? found.filter(isBodyObject) : [];
}

export function bodyTextsAt(value: unknown, path: string): readonly string[] {
  const found = bodyValueAt(value, path);
  return Array.isArray(found) ? found.filter((item) => typeof item === "string") : [];
}
