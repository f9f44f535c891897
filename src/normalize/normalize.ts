// In: a parsed webhook body of any sender. Out: one complete group of alerts, or a refusal that says what was expected.
// Lenient about what is missing or oddly typed inside a known shape, strict about the shape itself.

import type { AlertGroup } from "../domain/alert.ts";
import type { Refusal } from "./refusal.ts";

export type Shape = "alertmanager" | "grafana" | "grafana-legacy" | "bare-alert";

export interface NormalizedGroup {
  readonly kind: "group";
  readonly group: AlertGroup;
  readonly shape: Shape;
  /** Entries of `alerts` that were no objects and are left out. */
  readonly invalidAlerts: number;
}

export type Normalized = NormalizedGroup | Refusal;

export function normalize(_body: unknown): Normalized {
  throw new Error("not here yet");
}
