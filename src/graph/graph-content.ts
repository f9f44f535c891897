import type { AlertStatus } from "../domain/alert.ts";
import type { Language } from "../domain/message-kind.ts";
import type { Threshold } from "./expression.ts";
import type { Unit } from "./unit.ts";

export interface GraphSeries {
  readonly name: string;
  /** In order of time. NaN, infinite values and missing samples are gaps. */
  readonly points: readonly (readonly [at: number, value: number])[];
  /** Of an alert of the message; the others are drawn beside it to compare. */
  readonly isAlert: boolean;
}

/** All that a graph shows. Every text may be a sender's: markup and characters that no font has are the drawing's business. */
export interface GraphContent {
  /** Without the status, which is shown beside it. */
  readonly title: string;
  readonly subtitle: string;
  readonly status: AlertStatus;
  /** The value of the alert as text, as `valueText` writes it; null when there is none. */
  readonly value: string | null;
  readonly unit: Unit;
  readonly thresholds: readonly Threshold[];
  /** At most six are drawn, those of alerts first. */
  readonly series: readonly GraphSeries[];
  /** How many were left out before. */
  readonly omittedSeries: number;
  readonly startAt: number;
  readonly endAt: number;
  readonly firedAt: number | null;
  readonly resolvedAt: number | null;
  readonly language: Language;
  /** IANA name. */
  readonly timezone: string;
  /** Where the samples are from, as people call it. */
  readonly source: string;
}
