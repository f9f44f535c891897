// Graphs to draw, one for each thing that a graph can show.

import type { GraphContent, GraphSeries } from "../../../../src/graph/graph-content.ts";

const minute = 60_000;
const endAt = Date.UTC(2026, 10, 30, 6, 30);
const startAt = endAt - 60 * minute;

type Value = (minutes: number) => number;

/** A sample every 15 s. */
export function seriesOf(name: string, value: Value, isAlert = false): GraphSeries {
  const points = Array.from({ length: 241 }, (_, n) => [startAt + n * 15_000, value(n / 4)] as const);
  return { name, points, isAlert };
}

const wave = (base: number, height: number, shift: number) => (minutes: number) =>
  base + height * Math.sin(minutes / 6 + shift);

const rising = (minutes: number) => (minutes < 30 ? 0.66 : 0.66 + (minutes - 30) * 0.0092) + 0.008 * Math.sin(minutes);

export const firing: GraphContent = {
  title: "磁盘使用率过高",
  subtitle: 'disk_used_ratio{cluster="上海-生产"} > 0.9',
  status: "firing",
  value: "93.6%",
  unit: "ratio",
  thresholds: [{ op: ">", value: 0.9 }],
  series: [
    seriesOf("支付网关 10.0.3.17:9100", rising, true),
    seriesOf("库存中心 10.0.3.18:9100", wave(0.7, 0.02, 0)),
    seriesOf("用户画像 10.0.3.19:9100", wave(0.75, 0.02, 1)),
    seriesOf("订单服务 10.0.3.20:9100", wave(0.6, 0.02, 2)),
  ],
  omittedSeries: 0,
  startAt,
  endAt,
  firedAt: endAt - 4 * minute,
  resolvedAt: null,
  language: "zh",
  timezone: "Asia/Shanghai",
  source: "Prometheus",
};

const fallen = (minutes: number) => (minutes > 25 && minutes < 50 ? 0.93 + 0.02 * Math.sin(minutes / 3) : 0.65);

export const resolved: GraphContent = {
  ...firing,
  status: "resolved",
  value: "65%",
  series: [seriesOf("支付网关", fallen, true), ...firing.series.slice(1)],
  firedAt: startAt + 26 * minute,
  resolvedAt: startAt + 51 * minute,
};

export const english: GraphContent = {
  ...firing,
  title: "Node memory nearly exhausted",
  subtitle: "node_memory_used_bytes > 15 * 1024 ^ 3",
  value: "15.2 GiB",
  unit: "bytes",
  thresholds: [{ op: ">", value: 15 * 1024 ** 3 }],
  series: [
    seriesOf("payments-gateway-7c9d8f-x2x9p", (m) => (9 + m * 0.104) * 1024 ** 3, true),
    seriesOf("payments-gateway-7c9d8f-k8w2m", (m) => (8 + Math.sin(m / 9)) * 1024 ** 3),
  ],
  omittedSeries: 37,
  language: "en",
  timezone: "Europe/London",
};

export const sixSeries: GraphContent = {
  ...firing,
  title: "消息队列积压超过阈值，消费者处理不过来，请尽快扩容或排查下游（值班手册第三章）",
  subtitle: "sum by (queue, namespace, consumer_group) (rabbitmq_queue_messages_ready) > 300 and on () up == 1",
  value: "1284",
  unit: "none",
  thresholds: [
    { op: ">", value: 300 },
    { op: "<", value: 2000 },
  ],
  series: [
    seriesOf("订单支付结果通知队列-生产环境-华东一区 consumer-group-a", (m) => 200 + m * m * 0.301, true),
    seriesOf("订单支付结果通知队列-生产环境-华东二区 consumer-group-b", (m) => 260 + m * 6, true),
    ...[1, 2, 3, 4].map((n) => seriesOf(`queue-${n}`, wave(60 * n, 30, n))),
  ],
  omittedSeries: 14_203,
  firedAt: startAt + 12 * minute,
};

export const binary: GraphContent = {
  ...firing,
  title: "实例不可用",
  subtitle: 'up{job="node"} == 0',
  value: "0",
  unit: "none",
  thresholds: [{ op: "==", value: 0 }],
  series: [
    seriesOf("10.0.3.17:9100", (m) => ((m > 20 && m < 26) || m > 49 ? 0 : 1), true),
    seriesOf("10.0.3.18:9100", () => 1),
  ],
  firedAt: startAt + 50 * minute,
};

export const hostile: GraphContent = {
  ...firing,
  title: "奇怪的标签 🔥 \u202e한글\u202c 👨‍👩‍👧‍👦 </text><script>alert(1)</script>",
  subtitle: 'a\u0000b{x="龘\ud800"} > 1 ]]> &amp; <!-- \u001b[31m',
  value: "NaN",
  unit: "none",
  series: [
    seriesOf("<script>&\"' \u001b[31m", (m) => (m % 7 < 3 ? Number.NaN : 0.5 + m / 1000), true),
    seriesOf("🔥 emoji 服务", wave(0.35, 0.02, 1)),
    seriesOf("龘龘龘 label", wave(0.45, 0.02, 2)),
    seriesOf("x".repeat(3_000), wave(0.4, 0.02, 3)),
    seriesOf("\u202eabc rtl العربية", (m) => (m > 30 ? Number.POSITIVE_INFINITY : 0.2)),
    seriesOf("", wave(0.3, 0.02, 3)),
  ],
  source: "\"><image href='https://example.com/x.png'/>",
};

/** The rest: few points, none, constants, negative values, times before the picture, several days. */
export const odd: Readonly<Record<string, GraphContent>> = {
  empty: { ...firing, series: [], value: null, thresholds: [] },
  "no samples": { ...firing, series: [{ name: "a", points: [], isAlert: true }], value: null },
  "one point": { ...firing, series: [{ name: "a", points: [[endAt, 0.95]], isAlert: true }] },
  constant: { ...firing, series: [seriesOf("a", () => 5, true)], unit: "none", thresholds: [], value: "5" },
  negative: {
    ...firing,
    series: [seriesOf("a", wave(-40, 12, 0), true)],
    unit: "celsius",
    thresholds: [{ op: "<", value: -45 }],
    value: "-38.2 °C",
  },
  gone: {
    ...resolved,
    value: null,
    series: [{ ...resolved.series[0], points: resolved.series[0]?.points.slice(0, 190) ?? [] } as GraphSeries],
  },
  "fired the day before": { ...firing, firedAt: startAt - 20 * 60 * minute },
  "fired and resolved at once": { ...resolved, firedAt: endAt - 30_000, resolvedAt: endAt - 20_000 },
  durations: {
    ...firing,
    unit: "seconds",
    thresholds: [{ op: ">", value: 86_400 }],
    value: "1d 2h",
    series: [seriesOf("backup", (m) => 70_000 + m * 400, true)],
  },
  "several days": {
    ...firing,
    startAt: endAt - 5 * 24 * 60 * minute,
    series: [
      {
        name: "a",
        isAlert: true,
        points: Array.from({ length: 241 }, (_, n) => [endAt - (240 - n) * 30 * minute, 0.5 + n / 600] as const),
      },
    ],
  },
};
