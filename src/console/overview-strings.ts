import type { Language } from "../domain/message-kind.ts";
import type { StorageReason } from "../domain/reason.ts";

/** Of the bots of one problem. */
export interface BotSummary {
  readonly bots: string;
  /** Notifications. */
  readonly queued: number;
  readonly dead: number;
  /** How long the oldest waits. */
  readonly oldest: string;
  /** Of the first bot that has one. */
  readonly reason: string | null;
}

export interface FailureTimes {
  readonly since: string;
  /** Null when it is the same. */
  readonly last: string | null;
}

const zh = {
  comma: "、",
  allBots: (count: number) => `全部 ${count} 个群`,
  more: (names: string, count: number) => `${names} 等 ${count} 个群`,
  idle: "正常接收 webhook，没有积压。",
  untried: "正常接收 webhook；还没有发过消息，key 未验证。",
  delivering: (queued: number) => `正常接收 webhook，正在发送 ${queued} 条通知。`,
  webhooksRejected: (reason: string, times: FailureTimes) => `存不下来（${reason}），webhook 回 503${sinceZh(times)}。`,
  noAnswer: (engine: string) => `存储（${engine}）没有应答：webhook 可能回 503，待发的通知数未知。`,
  notRecorded: (reason: string, times: FailureTimes) => `发送结果存不下来（${reason}），暂停发送${sinceZh(times)}。`,
  backlogFull: (bots: string, times: FailureTimes) => `${bots} 的积压已满，发给它的 webhook 回 503${sinceZh(times)}。`,
  keysRejected: ({ bots, queued, reason }: BotSummary) =>
    `${bots} 的 key 失效${reason === null ? "" : `（${reason}）`}，${queued} 条通知在等。`,
  dead: ({ bots, dead }: BotSummary) => `${dead} 条消息被企业微信拒收，没有送达（${bots}）。`,
  unconfigured: ({ bots, queued }: BotSummary) => `配置里没有 ${bots}，${queued} 条通知在排队。`,
  retrying: ({ bots, queued, oldest, reason }: BotSummary) =>
    `${reason ?? "请求失败"}，${bots} 有 ${queued} 条通知等待重试，最久 ${oldest}。`,
  late: ({ bots, queued, oldest }: BotSummary) => `${bots} 积压 ${queued} 条通知，最久已等 ${oldest}。`,
  someKeysRejected: ({ bots, reason }: BotSummary) =>
    `${bots} 的部分 key 失效${reason === null ? "" : `（${reason}）`}，其余 key 仍在发送。`,
  refused: (issues: number) => `新配置有 ${issues} 处问题，没有生效，仍在使用旧配置。`,
  configsDiffer: (replicas: number) => `${replicas} 个副本的配置或模板不一致。`,
  stopping: "正在停止，暂时仍接收 webhook。",
  storageReasons: {
    diskFull: "磁盘已满",
    notWritable: "写不进去，磁盘只读或出错",
    loginRejected: "数据库拒绝登录",
    unreachable: "连不上数据库",
    noAnswer: "数据库没有及时应答",
    backlogFull: "积压已满",
    other: "出错，详见日志",
  } satisfies Record<StorageReason, string>,
};

function sinceZh({ since, last }: FailureTimes): string {
  return `，自 ${since} 起${last === null ? "" : `（最近一次 ${last}）`}`;
}

export type OverviewStrings = typeof zh;

const en: OverviewStrings = {
  comma: ", ",
  allBots: (count) => `all ${count} bots`,
  more: (names, count) => `${names} and ${count - names.split(", ").length} more`,
  idle: "Webhooks are accepted, and nothing is queued.",
  untried: "Webhooks are accepted. No message has been sent yet, so the keys are not verified.",
  delivering: (queued) =>
    `Webhooks are accepted, and ${counted(queued, "notification is", "notifications are")} being sent.`,
  webhooksRejected: (reason, times) => `Webhooks are answered with 503 ${sinceEn(times)}: ${reason}.`,
  noAnswer: (engine) =>
    `The storage (${engine}) does not respond: webhooks may get 503, and what is queued is unknown.`,
  notRecorded: (reason, times) => `Nothing is sent ${sinceEn(times)}, because results cannot be recorded: ${reason}.`,
  backlogFull: (bots, times) => `Webhooks for ${bots} are answered with 503 ${sinceEn(times)}: the backlog is full.`,
  keysRejected: ({ bots, queued, reason }) =>
    `WeCom rejects the key of ${bots}${reason === null ? "" : ` (${reason})`}; ${waiting(queued)}.`,
  dead: ({ bots, dead }) =>
    `WeCom rejected ${counted(dead, "message", "messages")}, which the group did not get (${bots}).`,
  unconfigured: ({ bots, queued }) => `${bots} is not configured; ${waiting(queued)}.`,
  retrying: ({ bots, queued, oldest, reason }) =>
    `Requests for ${bots} fail (${reason ?? "unknown reason"}) and are retried; ${waiting(queued)}, the oldest for ${oldest}.`,
  late: ({ bots, queued, oldest }) => `${bots}: ${waiting(queued)}, the oldest for ${oldest}.`,
  someKeysRejected: ({ bots, reason }) =>
    `WeCom rejects some keys of ${bots}${reason === null ? "" : ` (${reason})`}; the others are used.`,
  refused: (issues) =>
    `The new config has ${counted(issues, "issue", "issues")} and is not used; the old config stays in use.`,
  configsDiffer: (replicas) => `The ${replicas} replicas run different configs or templates.`,
  stopping: "The service is stopping and still accepts webhooks.",
  storageReasons: {
    diskFull: "the disk is full",
    notWritable: "the disk is read-only or fails",
    loginRejected: "the database rejects the login",
    unreachable: "the database cannot be reached",
    noAnswer: "the database does not answer in time",
    backlogFull: "the backlog is full",
    other: "an error, which is in the log",
  },
};

function sinceEn({ since, last }: FailureTimes): string {
  return `since ${since}${last === null ? "" : ` (last at ${last})`}`;
}

function waiting(queued: number): string {
  return counted(queued, "notification waits", "notifications wait");
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

export const overviewStrings: Readonly<Record<Language, OverviewStrings>> = { zh, en };
