// Finds fields the page does not name, at any depth. WeCom ignores them, so the message is accepted; a strict reading
// flags them, and says to which other product the well-known ones belong.

import { isObject, type JsonObject } from "../body-value.ts";
import type { FieldRule } from "./field-rule.ts";
import { accept, type Finding } from "./finding.ts";
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
  body: JsonObject,
  rules: readonly FieldRule[],
  switches: Switches,
): readonly Finding[] {
  const known = new Set(["msgtype", ...rules.flatMap((rule) => ancestors(rule.path))]);
  const severity = switches.lint === "violation" ? "flag" : "advice";
  return unknownPaths(body, "", known).map((path) => {
    const owner = belongsElsewhere[path.split(".").at(-1) ?? ""];
    const detail = owner === undefined ? `${path} is not documented` : `${path} belongs to ${owner}`;
    return accept({ rule: "body/unknown-field", step: "content", detail }, severity);
  });
}

/** `a.b[].c` makes `a`, `a.b` and `a.b[].c` known. */
function ancestors(path: string): readonly string[] {
  const names = path.split(".");
  return names.map((name, index) => {
    const last = index === names.length - 1 ? name : name.replace("[]", "");
    return [...names.slice(0, index), last].join(".");
  });
}

function unknownPaths(value: unknown, path: string, known: ReadonlySet<string>): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => unknownPaths(item, `${path}[]`, known));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const childPath = path === "" ? name : `${path}.${name}`;
    return known.has(childPath) ? unknownPaths(child, childPath, known) : [childPath];
  });
}
