// Which part of src may import which. `npm run check` holds the code to this table.

/** A folder or a file of src, what it may import besides itself, and what it may import as types only. */
const parts = {
  domain: {},
  "go-text": {},
  threads: {},
  normalize: { values: ["domain"] },
  route: { values: ["domain", "go-text"] },
  outbox: { values: ["domain"], types: ["config/secret"] },
  plan: { values: ["domain", "wecom/limits"], types: ["outbox/lane", "outbox/store"] },
  render: {
    values: ["actions/token", "domain", "go-text", "route/on-call", "wecom/limits", "wecom/message"],
    types: ["wecom/errcode"],
  },
  graph: {
    values: ["domain", "threads", "config/outgoing-credential"],
    types: ["config", "observe/clock"],
  },
  wecom: { values: ["domain", "observe/mask"], types: ["config/secret"] },
  deliver: {
    values: ["domain", "plan", "render", "threads", "wecom", "outbox/lane", "outbox/store", "outbox/errors"],
    types: ["outbox", "config/secret", "observe/clock"],
  },
  actions: {
    values: ["domain", "render", "route/identity", "route/matcher", "config/outgoing-credential"],
    types: ["config", "observe"],
  },
  config: { values: ["domain", "route"], types: ["observe"] },
  observe: { values: ["domain"], types: ["deliver/report", "config/secret", "graph/datasource", "receive/log-pace"] },
  receive: { values: ["domain", "threads"], types: ["observe", "outbox/store", "config"] },
  console: {
    values: [
      "domain",
      "config/secret",
      "normalize",
      "observe/mask",
      "plan",
      "receive/json-response",
      "render",
      "route",
      "simulator/chat",
      "simulator/rules",
      "threads",
    ],
    types: ["config", "deliver/keys", "observe", "outbox", "receive"],
  },
  simulator: {},
  "intake.ts": { values: ["domain", "normalize", "route", "render/fit"] },
  "main.ts": { values: ["commands"] },
};

/** Only these touch network, disk, timers or threads. Everything else is a function from values to values. */
export const shells = [
  "actions/alertmanager.ts",
  "actions/page-endpoint.ts",
  "phone-page.ts",
  "app.ts",
  "console-app.ts",
  "http-app.ts",
  "live-runtime.ts",
  "main.ts",
  "runtime.ts",
  "commands/",
  "simulator/",
  "threads/",
  "config/load.ts",
  "config/load-web.ts",
  "config/reload.ts",
  "console/assets.ts",
  "console/console.ts",
  "console/dead-api.ts",
  "console/history-api.ts",
  "console/log-in.ts",
  "console/playground-worker.ts",
  "console/samples.ts",
  "console/status-endpoints.ts",
  "console/try-now-api.ts",
  "console/views.ts",
  "deliver/lane.ts",
  "deliver/materialise.ts",
  "deliver/render-thread.ts",
  "deliver/render-worker.ts",
  "deliver/send.ts",
  "deliver/worker.ts",
  "graph/datasource/datasource-client.ts",
  "graph/datasource/in-steps.ts",
  "graph/drawing-thread.ts",
  "graph/drawing-worker.ts",
  "observe/clock.ts",
  "observe/log.ts",
  "outbox/group-commit.ts",
  "outbox/held-lane.ts",
  "outbox/postgres/driver.ts",
  "outbox/postgres/pool.ts",
  "outbox/postgres/open-postgres.ts",
  "outbox/prune.ts",
  "outbox/slices.ts",
  "outbox/sqlite/connection.ts",
  "outbox/sqlite/engine.ts",
  "outbox/sqlite/load.ts",
  "outbox/sqlite/open-sqlite.ts",
  "receive/accept.ts",
  "receive/body-pool.ts",
  "receive/connections.ts",
  "receive/guard.ts",
  "receive/listen.ts",
  "receive/password-worker.ts",
  "receive/passwords.ts",
  "receive/read-body.ts",
  "receive/server.ts",
  "receive/shared-text.ts",
  "receive/tls-server.ts",
  "receive/webhook.ts",
  "render/load-templates.ts",
  "wecom/client.ts",
  "wecom/exchange.ts",
  "wecom/picture.ts",
];

const escaped = (text) => text.replaceAll(".", "\\.");
const inSrc = (paths) => paths.map((path) => `^src/${escaped(path)}(?:/|\\.ts$|$)`);

function rulesOf([part, { values = [], types = [] }]) {
  const from = { path: inSrc([part]) };
  return [
    {
      name: `${part} imports`,
      comment: `${part} may import only ${["itself", ...values, ...types].join(", ")}`,
      severity: "error",
      from,
      to: { path: "^src/", pathNot: inSrc([part, ...values, ...types]) },
    },
    {
      name: `${part} imports values`,
      comment: `${part} may import only types of ${types.join(", ")}`,
      severity: "error",
      from,
      to: { path: "^src/", pathNot: inSrc([part, ...values]), dependencyTypesNot: ["type-only"] },
    },
  ];
}

export default {
  forbidden: [
    { name: "no circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "src stands alone",
      comment: "src imports nothing of test, bench or scripts",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(?:test|bench|scripts)/" },
    },
    {
      name: "only shells do I/O",
      comment: "a file that is not in the list of shells may not import network, disk, timers or threads",
      severity: "error",
      from: { path: "^src/", pathNot: shells.map((shell) => `^src/${escaped(shell)}`) },
      to: {
        path: [
          "^(?:node:)?(?:fs|net|http|https|tls|dns|child_process|os|process|timers|sqlite|dgram|worker_threads)(?:/|$)",
          "(?:^|node_modules/)(?:undici|express|pino|pg)(?:/|$)",
        ],
        dependencyTypesNot: ["type-only"],
      },
    },
    ...Object.entries(parts).flatMap(rulesOf),
  ],
  // The native TypeScript 7 has no API for this tool, so swc parses.
  options: { parser: "swc", doNotFollow: { path: "node_modules" } },
};
