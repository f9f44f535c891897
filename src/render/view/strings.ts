import type { Language } from "../../domain/message-kind.ts";
import { enLabels, zhLabels, zhReasons } from "./sent-names.ts";

const zh = {
  links: { action: "处理", runbook: "处理手册", dashboard: "仪表盘", panel: "面板", source: "查询", silence: "静默" },
  /** Where the source of an alert of Grafana leads. */
  rule: "规则",
  /** `closed`: it ended without a recovery (its rule was changed, paused, deleted). */
  states: { firing: "告警中", noData: "无数据", error: "查询出错", recovered: "已恢复", closed: "已关闭" },
  reasons: zhReasons,
  /** The link that silences all alerts of a group. */
  silenceAll: "静默同类",
  unnamed: "未命名告警",
  /** Days, hours, minutes and seconds, as written after a number. */
  units: [" 天", " 小时", " 分", " 秒"],
  listMark: "、",
  moreNames: (count: number) => `等 ${count} 种告警`,
  late: (delay: string, accepted: string) => `迟到 ${delay}：${accepted} 已收到`,
  shortened: (bytes: number) => `…（截短，共 ${bytes} 字节）`,
  moreLabels: (count: number) => `另有 ${count} 个标签未显示`,
  moreAnnotations: (count: number) => `另有 ${count} 个注解未显示`,
  moreMentions: (count: number) => `另有 ${count} 人未提及`,
  /** The first of `count` names. */
  unmentionable: (names: readonly string[], count: number) =>
    `无法提醒：${names.join("、")}${count > names.length ? ` 等 ${count} 个` : ""}`,
  truncated: (count: number) => `发送方另省略 ${count} 条`,
  possiblyRepeated: "可能重复",
  /** `alerts` is 0 when their number is unknown. */
  unrenderable: (alerts: number, megabytes: string) =>
    `有告警无法显示\n${alerts > 0 ? `${alerts} 条，` : ""}共 ${megabytes} MB，转成消息时失败，多半是内存不足。请直接到告警来源查看；原因见本服务的日志。`,
  /** Head of the column for annotations that have none of their own. */
  otherNotes: "其他注解",
  digest: "告警汇总",
  /** `isRanked`: it is known that those in the file are not worse. */
  allInFile: (count: number, isRanked: boolean) =>
    `以下只是${isRanked ? "最紧急的" : "一部分"}；全部 ${count} 条见随后的文件`,
  recoveredWhileWaiting: "消息等待发送期间已恢复",
  /** What a datasource says of an alert that is over. */
  recoveries: {
    value: (value: string, thresholds: readonly string[], time: string) =>
      `恢复值 ${value}（阈值 ${thresholds.join(" 且 ")}，${time} 的样本）`,
    breaching: (value: string, thresholds: readonly string[], time: string) =>
      `恢复时的值 ${value} 仍满足告警条件（${thresholds.join(" 且 ")}，${time} 的样本）`,
    gone: "序列已消失，不是数值恢复正常",
  },
  /** `which` is empty for all alerts of the message. */
  acknowledged: (by: string, which: string) => `${by} 在处理${which === "" ? "" : ` ${which}`}`,
  caveats: {
    lossy: "部分文字无法解码",
    unread: (times: string) => `时间无法识别：${times}`,
    ahead: "时间晚于接收时刻，请检查发送方的时区",
    reversed: "结束早于开始",
  },
  otherNames: (names: number) => `另外 ${names} 种`,
  /** Ends the line of a message that only mentions people. */
  pleaseLook: "，请关注",
  alerts: (count: number) => ` ${count} 条`,
  part: (number: number, total: number) => `（${number}/${total}）`,
  mayStillFire: (truncated: string) => `${truncated}，它们可能仍在告警`,
  /** In place of the word for a severity. */
  alert: "告警",
  /** Behind the first of several names. */
  ofNames: (count: number) => ` 等 ${count} 种`,
  andOthers: (first: string) => `${first} 等`,
  aside: (text: string) => `（${text}）`,
  and: "，",
  /** Begins the text behind a name. */
  colon: "：",
  since: (times: string, span: string) => `${times} 起，已 ${span}`,
  from: (time: string) => `${time} 起`,
  until: (time: string) => `${time} 结束`,
  lasted: (times: string, span: string) => `${times}，历时 ${span}`,
  still: (since: string) => `重复提醒：${since === "" ? "仍未恢复" : since.replace(" 起，", " 起仍未恢复，")}`,
  reminder: "重复提醒",
  /** The value of an alert that is over, from its annotations, and from Grafana's last evaluation. */
  valueNow: "当前值",
  valueThen: "告警时的值",
  lastValue: "最后的值",
  thenHead: "告警时值",
  valueHead: "值",
  newsMarks: { new: "新", changed: "变化" },
  restLabels: (count: number, names: string) => `另有 ${count} 个标签：${names}`,
  values: (count: number) => `${count} 个不同值`,
  notRepeated: (names: string) => `未重复：${names}`,
  longLinks: (names: string) => `链接过长，未列出：${names}`,
  moreLinks: (names: string) => `另有链接：${names}`,
  ownLinks: (names: string) => `各条另有链接：${names}`,
  unchanged: "未变化",
  combined: (groups: number) => (groups === 1 ? "1 组" : `${groups} 组合并发送`),
  earliest: (time: string) => `最早 ${time} 起`,
  onlySubjects: "标签与注解见来源",
  moreAnnouncements: (count: number) => `另有 ${count} 条较早的处理记录`,
  /** Column heads of the file that lists alerts, in the order of the columns. */
  columns: {
    state: "状态",
    severity: "级别",
    name: "告警",
    labels: "标签",
    summary: "摘要",
    description: "详情",
    value: "值",
    start: "开始",
    end: "结束",
    duration: "时长",
    remark: "备注",
    source: "来源",
    receiver: "接收者",
    fingerprint: "指纹",
  },
  labels: zhLabels,
};

export type Strings = Readonly<typeof zh>;
export type LinkKind = keyof Strings["links"];
export type StateKind = keyof Strings["states"];
export type AlertColumn = keyof Strings["columns"];

function some(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

const en: Strings = {
  links: {
    action: "Act",
    runbook: "Runbook",
    dashboard: "Dashboard",
    panel: "Panel",
    source: "Query",
    silence: "Silence",
  },
  rule: "Rule",
  states: { firing: "Firing", noData: "No data", error: "Query failed", recovered: "Resolved", closed: "Closed" },
  reasons: {
    NoData: "the query returned no data",
    Error: "the query failed",
    MissingSeries: "the series is gone",
    Updated: "the rule was changed; not a recovery",
    Paused: "the rule was paused; not a recovery",
    RuleDeleted: "the rule was deleted; not a recovery",
    KeepLast: "the last state is kept",
  },
  silenceAll: "Silence all like these",
  unnamed: "unnamed alert",
  units: ["d", "h", "m", "s"],
  listMark: ", ",
  moreNames: (count) => ` and more, ${count} names`,
  late: (delay, accepted) => `Late by ${delay}: received ${accepted}`,
  shortened: (bytes) => `… (shortened, ${bytes} bytes in all)`,
  moreLabels: (count) => `labels not shown: ${count}`,
  moreAnnotations: (count) => `annotations not shown: ${count}`,
  moreMentions: (count) => `people not mentioned for lack of room: ${count}`,
  unmentionable: (names, count) =>
    `Could not mention: ${names.join(", ")}${count > names.length ? ` and ${count - names.length} more` : ""}`,
  truncated: (count) => `${count} more left out by the sender`,
  possiblyRepeated: "possibly repeated",
  unrenderable: (alerts, megabytes) =>
    `Alerts that cannot be shown\n${alerts > 0 ? `${some(alerts, "alert")}, ` : ""}${megabytes} MB in all, could not be rendered, most likely because memory ran out. See them at their source; the log of this service has the reason.`,
  otherNotes: "Other annotations",
  digest: "Alert digest",
  allInFile: (count, isRanked) =>
    `Only ${isRanked ? "the most urgent" : "some"} are listed here; all ${count} are in the file that follows`,
  recoveredWhileWaiting: "recovered while this message waited",
  recoveries: {
    value: (value, thresholds, time) =>
      `value at recovery ${value} (threshold ${thresholds.join(" and ")}, sample of ${time})`,
    breaching: (value, thresholds, time) =>
      `value at recovery ${value} still meets the condition (${thresholds.join(" and ")}, sample of ${time})`,
    gone: "the series is gone; its value did not return to normal",
  },
  acknowledged: (by, which) => `${by} is on ${which === "" ? "it" : which}`,
  caveats: {
    lossy: "some characters could not be decoded",
    unread: (times) => `time not read: ${times}`,
    ahead: "a time is later than its receipt; check the sender's time zone",
    reversed: "the end is before the start",
  },
  otherNames: (names) => `${names} other names`,
  pleaseLook: ", please look",
  alerts: (count) => ` ×${count}`,
  part: (number, total) => ` (${number}/${total})`,
  mayStillFire: (truncated) => `${truncated}, perhaps still firing`,
  alert: "Alert",
  ofNames: (count) => ` and ${count - 1} more`,
  andOthers: (first) => `${first} and others`,
  aside: (text) => ` (${text})`,
  and: ", ",
  colon: ": ",
  since: (times, span) => `since ${times}, for ${span}`,
  from: (time) => `since ${time}`,
  until: (time) => `ended ${time}`,
  lasted: (times, span) => `${times}, ${span}`,
  still: (since) => `Reminder: still firing${since === "" ? "" : ` ${since}`}`,
  reminder: "Reminder",
  valueNow: "Value",
  valueThen: "Value when firing",
  lastValue: "Last value",
  thenHead: "Then",
  valueHead: "value",
  newsMarks: { new: "new", changed: "changed" },
  restLabels: (count, names) => `+${some(count, "label")}: ${names}`,
  values: (count) => `${count} values`,
  notRepeated: (names) => `not repeated: ${names}`,
  longLinks: (names) => `links too long to show: ${names}`,
  moreLinks: (names) => `more links: ${names}`,
  ownLinks: (names) => `each also has links: ${names}`,
  unchanged: "Unchanged",
  combined: (groups) => (groups === 1 ? "1 group" : `${groups} groups in one message`),
  earliest: (time) => `oldest since ${time}`,
  onlySubjects: "labels and annotations are at the source",
  moreAnnouncements: (count) => `${some(count, "earlier action")} not shown`,
  columns: {
    state: "State",
    severity: "Severity",
    name: "Alert",
    labels: "Labels",
    summary: "Summary",
    description: "Description",
    value: "Value",
    start: "Start",
    end: "End",
    duration: "Duration",
    remark: "Remark",
    source: "Source",
    receiver: "Receiver",
    fingerprint: "Fingerprint",
  },
  labels: enLabels,
};

/** Texts that are not empty. */
export function filled(texts: readonly (string | undefined)[]): readonly string[] {
  return texts.filter((text) => text !== undefined).filter((text) => text !== "");
}

const byLanguage: Readonly<Record<Language, Strings>> = { zh, en };

export function stringsFor(language: Language): Strings {
  return byLanguage[language];
}
