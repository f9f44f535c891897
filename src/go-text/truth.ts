// What Go's templates take for true: everything but the zero of its type. A time is always true, an empty map never.
import { type Duration, isDuration } from "./duration.ts";
import { wireOf } from "./json.ts";
import { isMap } from "./maps.ts";

export function truth(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isDuration(value)) return (value satisfies Duration).ns !== 0n;
  if (isMap(value)) return wireOf(value) !== null || Object.keys(value).length > 0;
  return Number.isNaN(value) || Boolean(value);
}
