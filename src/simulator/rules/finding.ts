// What a check finds in a request: the rule, its severity and the answer WeCom would give. The severity alone decides
// whether a finding is a violation or advice.

import type { RobotRefusal } from "./refusals.ts";

/**
 * reject: not accepted; warn: accepted with a Warning in errmsg; flag: accepted, but against a rule; advice: accepted,
 * but not recommended.
 */
export type Severity = "reject" | "warn" | "flag" | "advice";

/** The order of the checks (guessed: no page states it). */
const checkOrder = ["json", "msgtype", "block", "required", "length", "list", "content"] as const;
type CheckStep = (typeof checkOrder)[number];

export interface RuleFinding {
  /** `<path or subject>/<aspect>`, for example `markdown.content/max-bytes`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly step: CheckStep;
  /** The answer of WeCom; 0 when the message is still accepted. */
  readonly errcode: number;
  readonly errmsg: string;
  readonly detail: string;
}

interface FindingPlace {
  readonly rule: string;
  readonly step: CheckStep;
  readonly detail: string;
}

/** The message is not accepted. `text` replaces the text of the refusal where WeCom names the field. */
export function rejection(place: FindingPlace, refusal: RobotRefusal, text = refusal.text): RuleFinding {
  return { ...place, severity: "reject", errcode: refusal.errcode, errmsg: text };
}

/** The message is accepted. */
export function remark(place: FindingPlace, severity: Exclude<Severity, "reject">): RuleFinding {
  return { ...place, severity, errcode: 0, errmsg: "" };
}

export function inCheckOrder(findings: readonly RuleFinding[]): readonly RuleFinding[] {
  return findings.toSorted((a, b) => checkOrder.indexOf(a.step) - checkOrder.indexOf(b.step));
}

/** Every finding but advice is a violation. */
export function isViolation(finding: RuleFinding): boolean {
  return finding.severity !== "advice";
}
