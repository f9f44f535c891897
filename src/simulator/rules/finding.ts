// What a check has to say about a request: the rule, what follows from it, and the answer WeCom would give. Pure values;
// whether a finding becomes a violation or advice is read from its severity alone.

import type { Refusal } from "./refusals.ts";

/** reject: refused; warn: accepted with a Warning in errmsg; flag: accepted but wrong; advice: accepted and only unwise. */
export type Severity = "reject" | "warn" | "flag" | "advice";

/** The order in which a message is judged (guessed: no page states it). */
export const checkOrder = ["json", "msgtype", "block", "required", "length", "list", "content"] as const;
export type Step = (typeof checkOrder)[number];

export interface Finding {
  /** `<path or subject>/<aspect>`, for example `markdown.content/max-bytes`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly step: Step;
  /** What WeCom answers; 0 when the message is accepted all the same. */
  readonly errcode: number;
  readonly errmsg: string;
  readonly detail: string;
}

export interface Place {
  readonly rule: string;
  readonly step: Step;
  readonly detail: string;
}

/** `text` replaces the refusal's own words where WeCom names the field. */
export function reject(place: Place, refusal: Refusal, text = refusal.text): Finding {
  return { ...place, severity: "reject", errcode: refusal.errcode, errmsg: text };
}

export function accept(place: Place, severity: Exclude<Severity, "reject">): Finding {
  return { ...place, severity, errcode: 0, errmsg: "" };
}

export function inCheckOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => checkOrder.indexOf(a.step) - checkOrder.indexOf(b.step));
}

/** Every finding but advice is a violation. */
export function isViolation(finding: Finding): boolean {
  return finding.severity !== "advice";
}
