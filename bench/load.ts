// A closed loop of posters over keep-alive connections: each sends its next webhook when the last one is answered.

import { Pool } from "undici";

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  readonly answered: number;
}

export async function load(
  origin: string,
  options: {
    readonly concurrency: number;
    readonly forMs: number;
    /** Stops after this number of webhooks. */
    readonly atMost?: number;
    readonly path?: () => string;
  },
): Promise<LoadResult> {
  const pool = new Pool(origin, { connections: options.concurrency, pipelining: 1 });
  const { path = () => "/webhook", atMost = Number.POSITIVE_INFINITY } = options;
  let begun = 0;
  const times: number[] = [];
  let failed = 0;
  const startedAt = performance.now();
  const endAt = startedAt + options.forMs;
  const poster = async () => {
    while (performance.now() < endAt && begun < atMost) {
      begun += 1;
      const sentAt = performance.now();
      const answer = await pool.request({ method: "POST", path: path(), body: webhook() });
      await answer.body.dump();
      times.push(performance.now() - sentAt);
      if (answer.statusCode !== 200) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, poster));
  const seconds = (performance.now() - startedAt) / 1_000;
  await pool.close();
  const [p50Ms, p99Ms] = [quantile(times, 0.5), quantile(times, 0.99)];
  return { perSecond: times.length / seconds, p50Ms, p99Ms, failed, answered: times.length };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

let serial = 0;

/** A webhook of one alert as Alertmanager sends it, about 1 kB, each of a different group. */
export function webhook(): string {
  serial += 1;
  const labels = {
    alertname: "KubePodCrashLooping",
    severity: "warning",
    namespace: "payments",
    pod: `api-${serial}`,
    container: "api",
    cluster: "cn-east-1",
    job: "kube-state-metrics",
  };
  const annotations = {
    summary: `Pod payments/api-${serial} 反复重启`,
    description: "容器 api 在 10 分钟内重启了 4 次，请检查日志与最近的发布。",
    runbook_url: "https://runbooks.example.cn/kubepodcrashlooping",
  };
  return JSON.stringify({
    receiver: "wecom",
    status: "firing",
    alerts: [
      {
        status: "firing",
        labels,
        annotations,
        startsAt: "2026-11-22T08:21:20.992Z",
        endsAt: "0001-01-01T00:00:00Z",
        generatorURL: "http://prometheus.example.cn/graph?g0.expr=rate%28x%5B5m%5D%29+%3E+0&g0.tab=1",
        fingerprint: serial.toString(16).padStart(16, "0"),
      },
    ],
    groupLabels: { alertname: labels.alertname, pod: labels.pod },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: "http://alertmanager.example.cn",
    version: "4",
    groupKey: `{}:{alertname="KubePodCrashLooping", pod="api-${serial}"}`,
    truncatedAlerts: 0,
  });
}
