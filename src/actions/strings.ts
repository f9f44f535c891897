import type { ActionFailure } from "../domain/action-failure.ts";
import type { Language } from "../domain/message-kind.ts";
import type { SilenceScope } from "../domain/silence.ts";

const zhFailures: Readonly<Record<ActionFailure, string>> = {
  nameMissing: "请先选择或填写你的名字",
  notOffered: "这条告警不能这样处理，或者配置不允许",
  needsAdmin: "静默整条规则需要管理员登录",
  neverSilenced: "配置规定这条告警不能静默",
  alertNotFound: "Alertmanager 里没有标签完全相同的告警，没有静默",
  unknownAlertmanager: "配置里没有发来这条告警的 Alertmanager，不能静默",
  alertmanagerRejected: "Alertmanager 拒绝了这次静默",
  alertmanagerFailed: "连不上 Alertmanager，没有静默，请稍后再试",
  inDoubt: "Alertmanager 没有回应，静默可能已经生效：请刷新本页确认",
  notStored: "没能保存，请稍后再试",
  notAnnounced: "已记录你在处理；但积压已满，群里没有收到说明，请稍后再试",
};

const zhScopes: Readonly<Record<SilenceScope, string>> = {
  alert: "只这一条",
  instance: "这个实例的所有告警",
  rule: "整条规则",
};

const zh = {
  htmlLanguage: "zh-CN",
  /** In place of the page. */
  messages: {
    gone: { title: "链接无效或已过期", text: "请打开群里较新的消息。" },
    tooMany: { title: "操作太频繁", text: "请一分钟后再试。" },
    unreadable: { title: "无法识别这次提交", text: "请重新打开群里的链接。" },
    unavailable: { title: "服务暂时读不到告警", text: "存储没有回应，请稍后再试。" },
  },
  silenced: "已静默",
  noLongerFiring: "不再告警",
  asDelivered: "这是消息发出时的状态；现在的状态未知",
  noAnswer: "连不上 Alertmanager，现在的状态未知",
  rejectedLook: (detail: string) => `Alertmanager 拒绝了查询，现在的状态未知：${detail}`,
  notThere: "Alertmanager 里已没有这条告警：已经恢复，或来源不再发送",
  inhibited: "正被另一条告警抑制（inhibit）",
  silencedUntil: (time: string, by: string) => `已静默至 ${time}${by === "" ? "" : `，${by}`}`,
  acknowledgedBy: (by: string, time: string, until: string) =>
    `${by} 从 ${time} 起在处理，至 ${until} 的重复提醒不再 @ 人`,
  who: "你是谁",
  chooseName: "请选择",
  otherName: "名单里没有，填写名字",
  yourName: "你的名字",
  signedInAs: (name: string) => `以 ${name} 的身份操作`,
  acknowledge: "我来处理",
  silence: "静默",
  untilRecovered: (span: string) => `静默到恢复为止（最长 ${span}）`,
  scope: "静默范围",
  scopes: zhScopes,
  matches: (count: number) => `当前匹配 ${count} 条`,
  except: (what: string) => `不含 ${what}（配置规定不能静默）`,
  logIn: "静默整条规则需要管理员登录",
  silenceHint: "静默期间恢复了，也会在群里说明。",
  claimed: (name: string) => `${name}（自称）`,
  comment: "在手机页面上静默",
  acknowledged: "已记录：你来处理。群里会收到说明。",
  silencedNow: (time: string) => `已静默至 ${time}。群里会收到说明。`,
  failures: zhFailures,
  /** Behind the failure. */
  utf8Names: "：不是 ASCII 的标签名需要 Alertmanager 0.27 或更新的版本",
  unnamed: (url: string) =>
    url === ""
      ? "发来的 webhook 里没有 externalURL"
      : `webhook 里的 externalURL 是 ${url}，请加进 alertmanagers 对应一项的 external_urls`,
  labels: "标签",
  annotations: "注解",
  alerts: (count: number) => `${count} 条告警`,
  stillFiring: (count: number) => `${count} 条仍在告警`,
  acknowledgeAll: (count: number) => `我来处理（${count} 条）`,
  moreAlerts: (count: number) => `另有 ${count} 条没有列出`,
  openAlert: "要静默，请打开其中一条。",
  covers: (value: string) => `（${value}）`,
};

export type PageStrings = Readonly<typeof zh>;

const en: PageStrings = {
  htmlLanguage: "en",
  messages: {
    gone: { title: "This link is invalid or has expired", text: "Open a newer message in the chat." },
    tooMany: { title: "Too many requests", text: "Try again in a minute." },
    unreadable: { title: "The form could not be read", text: "Open the link in the chat again." },
    unavailable: { title: "The alerts cannot be read now", text: "The storage does not answer; try again later." },
  },
  silenced: "Silenced",
  noLongerFiring: "No longer firing",
  asDelivered: "This was the state when the message was sent; the current state is unknown",
  noAnswer: "Alertmanager does not answer, so the current state is unknown",
  rejectedLook: (detail) => `Alertmanager rejected the query, so the current state is unknown: ${detail}`,
  notThere: "Alertmanager no longer has this alert: it recovered, or its source stopped sending it",
  inhibited: "inhibited by another alert",
  silencedUntil: (time, by) => `Silenced until ${time}${by === "" ? "" : `, by ${by}`}`,
  acknowledgedBy: (by, time, until) => `${by} has been on it since ${time}; reminders mention nobody until ${until}`,
  who: "Who are you?",
  chooseName: "choose",
  otherName: "Not in the list? Type your name",
  yourName: "Your name",
  signedInAs: (name) => `You act as ${name}`,
  acknowledge: "I am on it",
  silence: "Silence",
  untilRecovered: (span) => `Silence until it recovers (at most ${span})`,
  scope: "What is silenced",
  scopes: { alert: "this alert only", instance: "every alert of this instance", rule: "the whole rule" },
  matches: (count) => `matches ${count === 1 ? "1 alert" : `${count} alerts`} now`,
  except: (what) => `except ${what}: the config does not allow silencing it`,
  logIn: "Log in as an administrator to silence the whole rule",
  silenceHint: "If it recovers while it is silenced, a message in the chat says so.",
  claimed: (name) => `${name} (name is not verified)`,
  comment: "Silenced on the phone page",
  acknowledged: "Recorded: you are on it. A message in the chat will say so.",
  silencedNow: (time) => `Silenced until ${time}. A message in the chat will say so.`,
  utf8Names: ": names of labels that are not ASCII need Alertmanager 0.27 or newer",
  failures: {
    nameMissing: "Choose or type your name first",
    notOffered: "This is not possible for this alert, or the config does not allow it",
    needsAdmin: "To silence the whole rule, log in as an administrator",
    neverSilenced: "The config does not allow silencing this alert",
    alertNotFound: "Alertmanager has no alert with exactly these labels; nothing was silenced",
    unknownAlertmanager: "The config does not name the Alertmanager that sent this alert; it cannot be silenced here",
    alertmanagerRejected: "Alertmanager rejected the silence",
    alertmanagerFailed: "Alertmanager cannot be reached; nothing was silenced, try again later",
    inDoubt: "Alertmanager did not answer, so the silence may exist: reload this page to check",
    notStored: "It was not recorded; try again later",
    notAnnounced: "Your acknowledgement is recorded, but the backlog is full and the chat got no message; try later",
  },
  unnamed: (url) =>
    url === ""
      ? "The webhook has no externalURL"
      : `The externalURL of the webhook is ${url}; add it to external_urls of its entry in alertmanagers`,
  labels: "Labels",
  annotations: "Annotations",
  alerts: (count) => (count === 1 ? "1 alert" : `${count} alerts`),
  stillFiring: (count) => `${count} still firing`,
  acknowledgeAll: (count) => `I am on it (${count} alerts)`,
  moreAlerts: (count) => `${count} more are not listed`,
  openAlert: "To silence one, open it.",
  covers: (value) => ` (${value})`,
};

const byLanguage: Readonly<Record<Language, PageStrings>> = { zh, en };

export function pageStrings(language: Language): PageStrings {
  return byLanguage[language];
}
