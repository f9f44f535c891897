// Finds undocumented fields at any depth. WeCom ignores them and accepts the message; a strict reading flags them and
// names the other product that has the field.

import { type BodyObject, isBodyObject } from "../body-value.ts";
import type { FieldRule } from "./field-rule.ts";
import { type RuleFinding, remark } from "./finding.ts";
import type { Switches } from "./switches.ts";

const appMessage = "应用消息 (document/path/90236)";
const otherCards = "应用 and 智能机器人 cards (document/path/101032)";
const internalBeta = "Tencent's internal beta";

const belongsElsewhere: Readonly<Record<string, string>> = {
  touser: appMessage,
  toparty: appMessage,
  totag: appMessage,
  agentid: appMessage,
  safe: appMessage,
  enable_id_trans: appMessage,
  enable_duplicate_check: appMessage,
  duplicate_check_interval: appMessage,
  task_id: otherCards,
  action_menu: otherCards,
  question: otherCards,
  chatid: internalBeta,
  post_id: internalBeta,
  visible_to_user: internalBeta,
  attachments: internalBeta,
  at_short_name: internalBeta,
};

export function checkUnknownFields(
  body: BodyObject,
  rules: readonly FieldRule[],
  switches: Switches,
): readonly RuleFinding[] {
  const known = new Set(["msgtype", ...rules.flatMap((rule) => pathAndParents(rule.path))]);
  const severity = switches.lint === "violation" ? "flag" : "advice";
  return unknownPaths(body, "", known).map((path) => {
    const owner = belongsElsewhere[path.split(".").at(-1) ?? ""];
    const detail = owner === undefined ? `${path} is not documented` : `${path} belongs to ${owner}`;
    return remark({ rule: "body/unknown-field", step: "content", detail }, severity);
  });
}

/** Of `a.b[].c`: `a`, `a.b` and `a.b[].c`. */
function pathAndParents(path: string): readonly string[] {
  const names = path.split(".");
  return names.map((name, index) => {
    const last = index === names.length - 1 ? name : name.replace("[]", "");
    return [...names.slice(0, index), last].join(".");
  });
}

function unknownPaths(value: unknown, path: string, known: ReadonlySet<string>): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => unknownPaths(item, `${path}[]`, known));
  if (!isBodyObject(value)) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const childPath = path === "" ? name : `${path}.${name}`;
    return known.has(childPath) ? unknownPaths(child, childPath, known) : [childPath];
  });
}
