// The mark of our own value types among template data. A symbol, because a label may have any text as its name.

export const kind: unique symbol = Symbol("kind");

export function isKind(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && Reflect.get(value, kind) === name;
}
