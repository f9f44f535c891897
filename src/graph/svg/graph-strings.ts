import type { Language } from "../../domain/message-kind.ts";

const zh = {
  firing: "告警中",
  resolved: "已恢复",
  threshold: "阈值",
  firedAt: "触发",
  resolvedAt: "恢复",
  noData: "无数据",
  empty: "此时段无数据",
  moreSeries: (count: number) => `另有 ${count} 条序列未画出`,
};

const en: typeof zh = {
  firing: "Firing",
  resolved: "Resolved",
  threshold: "Threshold",
  firedAt: "Fired",
  resolvedAt: "Resolved",
  noData: "no data",
  empty: "No data in this period",
  moreSeries: (count) => (count === 1 ? "1 more series not drawn" : `${count} more series not drawn`),
};

export type GraphStrings = typeof zh;

export const graphStrings: Readonly<Record<Language, GraphStrings>> = { zh, en };
