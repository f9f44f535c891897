// Checks a body for the tests of the rule tables. Not a test file.

import { type CheckedMessage, checkMessage } from "../../../../src/simulator/rules/check-message.ts";
import { type Profile, type Switches, switchesOf } from "../../../../src/simulator/rules/switches.ts";

/** The only media id these tests know is MEDIAID. */
export function checkBody(
  body: unknown,
  profile: Profile = "documented",
  overrides: Partial<Switches> = {},
): CheckedMessage {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return checkMessage(bytes, {
    switches: switchesOf(profile, overrides),
    mediaState: (mediaId) => (mediaId === "MEDIAID" ? "usable" : "unknown"),
  });
}

/** `rule errcode` of every finding except advice, in check order. */
export function violationsOf(checked: CheckedMessage): readonly string[] {
  return checked.findings
    .filter(({ severity }) => severity !== "advice")
    .map(({ rule, errcode }) => `${rule} ${errcode}`);
}

export function adviceOf(checked: CheckedMessage): readonly string[] {
  return checked.findings.filter(({ severity }) => severity === "advice").map(({ rule }) => rule);
}

/** Exactly `bytes` bytes of UTF-8, mostly of three each. */
export function textOfBytes(bytes: number): string {
  return "中".repeat(Math.floor(bytes / 3)) + "x".repeat(bytes % 3);
}

export function urlOfBytes(bytes: number): string {
  return "https://x.cn/".padEnd(bytes, "a");
}
