// Names that senders use, as messages show them.

type Names = Readonly<Record<string, string>>;

/** Grafana's `grafana_state_reason`, by its own names. */
export const zhReasons: Names = {
  NoData: "查询无数据",
  Error: "查询出错",
  MissingSeries: "数据序列已消失",
  Updated: "规则已修改，并非恢复",
  Paused: "规则已暂停，并非恢复",
  RuleDeleted: "规则已删除，并非恢复",
  KeepLast: "保持上次状态",
};

/** Short forms of label names, for the five characters that a card has room for. */
export const zhLabels: Names = {
  instance: "实例",
  node: "节点",
  host: "主机",
  hostname: "主机名",
  namespace: "命名空间",
  service: "服务",
  job: "任务",
  cluster: "集群",
  env: "环境",
  environment: "环境",
  team: "团队",
  app: "应用",
  application: "应用",
  container: "容器",
  deployment: "部署",
  database: "数据库",
  device: "设备",
  mountpoint: "挂载点",
  region: "地域",
  grafana_folder: "文件夹",
  reason: "原因",
  owner: "负责人",
};

/** The same in English; names that are short enough stay as they are. */
export const enLabels: Names = {
  instance: "Inst.",
  namespace: "NS",
  service: "Svc",
  cluster: "Clstr",
  environment: "Env",
  container: "Cont.",
  hostname: "Host",
  application: "App",
  grafana_folder: "Fold.",
};
