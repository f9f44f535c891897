// The words of the status page in both languages.

import type { BotState } from "./status.ts";

export type Language = "zh" | "en";

interface StatusStrings {
  readonly htmlLanguage: string;
  readonly ready: string;
  readonly stopping: string;
  readonly demo: string;
  readonly up: string;
  readonly storage: string;
  readonly storageAway: string;
  readonly config: string;
  readonly loadedAgo: (span: string) => string;
  readonly refused: (issues: number) => string;
  readonly columns: readonly [bot: string, state: string, waiting: string, oldest: string, slots: string, keys: string];
  readonly states: Readonly<Record<BotState, string>>;
  readonly nextIn: (span: string) => string;
  readonly since: (reasons: string) => string;
  readonly noBots: string;
  readonly replica: string;
  readonly more: string;
  readonly span: (ms: number) => string;
}

export const statusStrings: Readonly<Record<Language, StatusStrings>> = {
  zh: {
    htmlLanguage: "zh-CN",
    ready: "正常接收",
    stopping: "正在停止",
    demo: "演示：消息只发给模拟器，不会离开这台机器。",
    up: "已运行",
    storage: "存储",
    storageAway: "没有应答：webhook 暂时回 503，也不发消息，恢复后自动继续",
    config: "配置",
    loadedAgo: (span) => `${span}前加载`,
    refused: (issues) => `新配置有 ${issues} 处错误，没有生效；错误在日志里，现在用的还是旧配置`,
    columns: ["bot", "状态", "待发通知", "最早的已等", "空位", "可用的 key"],
    states: {
      idle: "空闲",
      delivery: "正在发",
      waiting: "在等，还不能发",
      keysOff: "有 key 被企业微信拒绝",
      noKeyUp: "没有可用的 key，告警都在等",
      unconfigured: "配置里没有这个 bot，告警都在等",
      unknown: "不清楚",
    },
    nextIn: (span) => `${span}后可发下一条`,
    since: (reasons) => `原因：${reasons}`,
    noBots: "没有 bot",
    replica: "空位和 key 是本副本最后一次看到的样子；正在处理一个 bot 的可能是另一个副本。",
    more: "每 10 秒刷新一次。",
    span: spanIn({ second: " 秒", minute: " 分钟", hour: " 小时", day: " 天" }),
  },
  en: {
    htmlLanguage: "en",
    ready: "takes webhooks",
    stopping: "stopping",
    demo: "Demo: messages go to the simulator; nothing leaves this machine.",
    up: "up for",
    storage: "storage",
    storageAway: "does not answer: webhooks get 503 and nothing is sent; both go on by themselves",
    config: "config",
    loadedAgo: (span) => `loaded ${span} ago`,
    refused: (issues) => `the new config has issues (${issues}), listed in the log; the old config stays in use`,
    columns: ["bot", "state", "waiting", "oldest waits", "slots free", "keys up"],
    states: {
      idle: "idle",
      delivery: "delivery",
      waiting: "waits, nothing may leave yet",
      keysOff: "WeCom refuses some of its keys",
      noKeyUp: "no key is up: its alerts wait",
      unconfigured: "no config names this bot: its alerts wait",
      unknown: "not known",
    },
    nextIn: (span) => `next in ${span}`,
    since: (reasons) => `because of ${reasons}`,
    noBots: "no bots",
    replica: "Slots and keys are what this replica saw last; another one may be working for a bot.",
    more: "Refreshed every 10 seconds.",
    span: spanIn({ second: " s", minute: " min", hour: " h", day: " d" }),
  },
};

interface Units {
  readonly second: string;
  readonly minute: string;
  readonly hour: string;
  readonly day: string;
}

/** In the largest unit of which there are at least two. */
function spanIn({ second, minute, hour, day }: Units): (ms: number) => string {
  return (ms) => {
    const seconds = Math.ceil(ms / 1_000);
    if (seconds < 120) return `${seconds}${second}`;
    if (seconds < 7_200) return `${Math.floor(seconds / 60)}${minute}`;
    if (seconds < 172_800) return `${Math.floor(seconds / 3_600)}${hour}`;
    return `${Math.floor(seconds / 86_400)}${day}`;
  };
}
