// Holds src to docs/architecture.md: which folder may import which, which files may touch the world, no circles, one place
// that reveals a secret. Prints every breach with its line; exit 1 when there is one.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const src = join(root, "src");

/** A folder, or single file, and what it may import besides itself. `types:` allows `import type` only. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  threads: [],
  normalize: ["domain"],
  route: ["domain"],
  outbox: ["domain", "types:config/secret"],
  plan: ["domain", "wecom/limits", "types:outbox/store"],
  render: ["domain", "wecom/message", "wecom/limits", "types:wecom/verdict"],
  tell: ["domain", "plan", "render", "wecom/message", "deliver/render-abandoned", "threads", "types:deliver"],
  wecom: ["domain", "types:config/secret", "observe/mask"],
  deliver: [
    "domain",
    "plan",
    "render",
    "wecom/limits",
    "wecom/message",
    "wecom/verdict",
    "wecom/upload",
    "outbox/store",
    "outbox/errors",
    "types:outbox/files",
    "types:config/secret",
    "types:observe/clock",
  ],
  config: ["domain", "route", "types:observe"],
  observe: ["domain", "types:deliver/report", "types:config/secret"],
  receive: [
    "domain",
    "threads",
    "types:observe",
    "types:outbox/store",
    "types:config/credential",
    "types:config/load-web",
    "types:config/web-config",
  ],
  console: [
    "domain",
    "types:deliver/lane-status",
    "types:observe",
    "types:outbox/dead-deliveries",
    "types:outbox/store",
  ],
  simulator: ["console/html"],
  "intake.ts": ["domain", "normalize", "route"],
  "aliases.ts": ["config/bot-lookup", "domain", "receive/compat", "types:config/config", "types:render/template-set"],
  "lanes.ts": ["domain", "types:config", "types:deliver", "render", "types:route", "types:wecom", "wecom/message"],
  "http-app.ts": ["*"],
  "running.ts": ["*"],
  "app.ts": ["*"],
  "open-outbox.ts": ["config", "observe", "outbox"],
  commands: ["*"],
  "main.ts": ["commands"],
};

/** The shells of docs/architecture.md: only they may touch network, disk, clock, randomness and environment. */
const shells = new Set([
  "main.ts",
  "app.ts",
  "http-app.ts",
  "running.ts",
  "threads/question-thread.ts",
  "receive/server.ts",
  "receive/webhook.ts",
  "receive/accept.ts",
  "receive/guard.ts",
  "receive/listen.ts",
  "receive/passwords.ts",
  "receive/read-body.ts",
  "receive/tls-server.ts",
  "console/dead-api.ts",
  "console/status-endpoints.ts",
  "outbox/sqlite.ts",
  "outbox/sqlite-turns.ts",
  "outbox/postgres.ts",
  "outbox/postgres-driver.ts",
  "outbox/postgres-pool.ts",
  "outbox/gate.ts",
  "open-outbox.ts",
  "outbox/group-commit.ts",
  "outbox/prune.ts",
  "outbox/plan.ts",
  "outbox/read.ts",
  "outbox/read-groups.ts",
  "render/load.ts",
  "deliver/lane.ts",
  "deliver/worker.ts",
  "deliver/materialise.ts",
  "deliver/send.ts",
  "wecom/client.ts",
  "wecom/exchange.ts",
  "wecom/picture.ts",
  "config/load.ts",
  "config/reload.ts",
  "config/load-web.ts",
  "observe/log.ts",
  "observe/clock.ts",
]);
/** Shells that others are built on, where `mayImport` says so. */
const tools = new Set(["threads/question-thread.ts"]);

/** Where a secret has to leave: to WeCom, to the thread that compares passwords, to OpenSSL. Everyone else asks the Secret. */
const revealers = new Set([
  "wecom/client.ts",
  "outbox/postgres-driver.ts",
  "receive/passwords.ts",
  "config/load-web.ts",
]);

const shellFolders = ["commands/", "simulator/"];

const worldly =
  /^node:(fs|net|http|https|tls|dns|child_process|os|process|timers|sqlite|dgram|worker_threads)(\/|$)|^(undici|express|pino|pg)$/u;
const worldlyCalls =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(env|argv|std|hrtime|on\()|\bperformance\.now\(|\bset(Timeout|Interval|Immediate)\(|\brandomUUID\(|\brandomBytes\(/u;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const texts = new Map(files.map((name) => [name, readFileSync(join(src, name), "utf8")]));
const faults: string[] = [];

for (const [file, text] of texts) {
  for (const one of importsOf(file, text)) checkImport(one);
  checkPurity(file, text);
  for (const [line, code] of linesOf(text)) {
    if (/\.reveal\(\)/u.test(code) && !revealers.has(file))
      fault(file, line, `only ${[...revealers].join(" and ")} reveal a secret`);
    if (/^export \* from/u.test(code)) fault(file, line, "no barrel files: import from where it is defined");
  }
}
for (const circle of circles()) faults.push(`circle: ${circle.join(" -> ")}`);

for (const line of faults) console.error(line);
if (faults.length > 0) process.exitCode = 1;
else console.log(`imports: ${files.length} files hold to the architecture`);

function importsOf(file: string, text: string): readonly Import[] {
  const found = text.matchAll(
    /^(?:import|export)\b([^;]*?)\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gmu,
  );
  return [...found].map((match) => ({
    from: file,
    to: match[2] ?? match[3] ?? match[4] ?? "",
    line: text.slice(0, match.index).split("\n").length,
    typeOnly: isTypeOnly(match[1] ?? ""),
  }));
}

/** `import type …`, or `{ type A, type B }` throughout. */
function isTypeOnly(clause: string): boolean {
  if (/^\s*type\b/u.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/u
    .exec(clause)?.[1]
    ?.split(",")
    .filter((name) => name.trim() !== "");
  return names?.every((name) => /^\s*type\s/u.test(name)) ?? false;
}

function checkImport({ from, to, line, typeOnly }: Import): void {
  if (!to.startsWith(".")) {
    if (worldly.test(to) && !isShell(from) && !typeOnly) fault(from, line, `a pure file may not import ${to}`);
    return;
  }
  const target = relative(src, join(src, dirname(from), to));
  if (target.startsWith("..")) fault(from, line, `imports ${to}, which lies outside src`);
  const area = areaOf(from);
  if (areaOf(target) !== area && !allowed(mayImport[area], target, typeOnly)) {
    fault(from, line, `${area} may not import ${target}${typeOnly ? "" : " (as a value)"}`);
  }
  const meetsShell = isShell(from) && shells.has(target) && !tools.has(target) && areaOf(target) !== area;
  if (meetsShell && !typeOnly && !meetsShells(from)) {
    fault(from, line, `shells of different folders meet only in app.ts: ${target} may be imported for its types only`);
  }
}

function allowed(rules: readonly string[] | undefined, target: string, typeOnly: boolean): boolean {
  return (rules ?? []).some((rule) => {
    const path = rule.replace(/^types:/u, "");
    const fits = path === "*" || target === `${path}.ts` || target.startsWith(`${path}/`);
    return fits && (typeOnly || !rule.startsWith("types:"));
  });
}

function checkPurity(file: string, text: string): void {
  if (isShell(file)) return;
  for (const [line, code] of linesOf(text)) {
    if (worldlyCalls.test(code))
      fault(file, line, `a pure file may not touch clock, randomness, timers or environment: ${code.trim()}`);
  }
}

/** Code lines with their numbers; comments are left out. */
function linesOf(text: string): readonly (readonly [number, string])[] {
  return text
    .split("\n")
    .map((code, index) => [index + 1, code] as const)
    .filter(([, code]) => !/^\s*(\/\/|\*|\/\*)/u.test(code));
}

function areaOf(file: string): string {
  return file.includes("/") ? (file.split("/")[0] ?? file) : file;
}

function isShell(file: string): boolean {
  return shells.has(file) || shellFolders.some((folder) => file.startsWith(folder));
}

function meetsShells(file: string): boolean {
  return (
    file === "app.ts" ||
    file === "open-outbox.ts" ||
    file === "http-app.ts" ||
    file === "running.ts" ||
    file === "main.ts" ||
    file === "deliver/worker.ts" ||
    shellFolders.some((folder) => file.startsWith(folder))
  );
}

function circles(): readonly (readonly string[])[] {
  const graph = new Map(
    [...texts].map(([file, text]) => [
      file,
      importsOf(file, text)
        .filter(({ to }) => to.startsWith("."))
        .map(({ to }) => relative(src, join(src, dirname(file), to))),
    ]),
  );
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file]);
    if (done.has(file) || path.includes(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

function fault(file: string, line: number, message: string): void {
  faults.push(`src/${file}:${line}: ${message}`);
}
