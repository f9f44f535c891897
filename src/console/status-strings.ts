import type { Language } from "../domain/message-kind.ts";
import type { FailureReason } from "../domain/reason.ts";
import type { BotState } from "./status.ts";

const zh = {
  states: {
    idle: "空闲",
    delivering: "正在发送",
    waiting: "等待：本分钟余量已用完，或被企业微信限流",
    retrying: "等待重试",
    someKeysRejected: "部分 key 失效",
    allKeysRejected: "全部 key 失效",
    unconfigured: "配置里没有这个群，告警在排队",
    unknown: "未知（存储无应答）",
  } satisfies Record<BotState, string>,
  nextMessageIn: (span: string) => `${span}后可发下一条`,
  nextRetryIn: (span: string) => `${span}后重试`,
  nextCheckIn: (span: string) => `${span}后再试这个 key`,
  reasons: {
    clientError: "中间的代理没有接受请求",
    serverError: "服务端出错",
    authError: "代理要求认证，或机器人没有权限",
    rateLimited: "发送太频繁，被限流",
    contextDeadlineExceeded: "企业微信没有及时应答",
    connectionError: "连不上企业微信",
    other: "连接失败",
    busy: "企业微信繁忙",
    concurrency: "并发调用过多",
    tooLong: "消息太长",
    badLink: "链接无效",
    badMedia: "文件或图片被拒绝",
    badContent: "内容被拒绝",
    keyInvalid: "key 无效，或机器人已被移出群",
    keyDisabled: "机器人被停用，或不在群里",
    wrongAddress: "应答的不是群机器人",
    unreadableAnswer: "应答里没有 errcode",
    unknownErrcode: "未知的 errcode",
    answerNeverSeen: "没有记录到应答",
  } satisfies Record<FailureReason, string>,
  span: spanIn([" 秒", " 分钟", " 小时", " 天"]),
};

export type StatusStrings = typeof zh;

const en: StatusStrings = {
  states: {
    idle: "idle",
    delivering: "delivering",
    waiting: "waiting: no message left this minute, or rate limited",
    retrying: "waiting for a retry",
    someKeysRejected: "WeCom rejects some of its keys",
    allKeysRejected: "WeCom rejects all keys of the bot",
    unconfigured: "not configured; its alerts are queued",
    unknown: "unknown (the storage does not respond)",
  },
  nextMessageIn: (span) => `next message in ${span}`,
  nextRetryIn: (span) => `next try in ${span}`,
  nextCheckIn: (span) => `next check in ${span}`,
  reasons: {
    clientError: "a proxy did not accept the request",
    serverError: "server error",
    authError: "the proxy asks for credentials, or the robot has no permission",
    rateLimited: "rate limited",
    contextDeadlineExceeded: "no answer in time",
    connectionError: "cannot connect to WeCom",
    other: "connection failed",
    busy: "WeCom is busy",
    concurrency: "too many concurrent calls",
    tooLong: "message too long",
    badLink: "invalid link",
    badMedia: "file or picture rejected",
    badContent: "content rejected",
    keyInvalid: "invalid key, or robot removed from the group",
    keyDisabled: "robot disabled, or not in the group",
    wrongAddress: "the answer is not from a group robot",
    unreadableAnswer: "answer without errcode",
    unknownErrcode: "unknown errcode",
    answerNeverSeen: "no answer recorded",
  },
  span: spanIn([" s", " min", " h", " d"]),
};

export const statusStrings: Readonly<Record<Language, StatusStrings>> = { zh, en };

/** In the largest unit of which there are at least two. The units are second, minute, hour and day. */
function spanIn([second, minute, hour, day]: readonly [string, string, string, string]): (ms: number) => string {
  return (ms) => {
    const seconds = Math.ceil(ms / 1_000);
    if (seconds < 120) return `${seconds}${second}`;
    if (seconds < 7_200) return `${Math.floor(seconds / 60)}${minute}`;
    if (seconds < 172_800) return `${Math.floor(seconds / 3_600)}${hour}`;
    return `${Math.floor(seconds / 86_400)}${day}`;
  };
}
