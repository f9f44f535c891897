// The style and the script of the page. They load nothing from other origins.

const frameStyle = `
:root { --info: #00b578; --comment: #8c8c8c; --warning: #ff6a00; --ink: #1f2329; --soft: #8f959e; --line: #e5e6eb;
  --link: #2b6fd6; --bad: #d4380d; }
* { box-sizing: border-box; }
body { margin: 0; background: #ededf0; color: var(--ink);
  font: 15px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: center;
  padding: 10px 20px; background: #f7f7f8; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 17px; }
header p { margin: 0; font-size: 12px; color: var(--soft); }
#gauges { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-left: auto; font-size: 13px; }
.gauge { display: flex; gap: 6px; align-items: center; }
.count { min-width: 3.2em; color: var(--soft); font-variant-numeric: tabular-nums; }
meter { width: 70px; height: 12px; }
header p.live { color: var(--info); }
main { max-width: 860px; margin: 0 auto; padding: 16px 20px 60px; }
#chat { list-style: none; margin: 0; padding: 0; }
#empty { margin-top: 20vh; text-align: center; color: var(--soft); }
.entry { display: flex; gap: 10px; margin: 14px 0; }
.avatar { flex: none; width: 38px; height: 38px; border-radius: 6px; color: #fff; font-weight: 600; line-height: 38px;
  text-align: center; text-transform: uppercase; }
.tint-0 { background: #3b7cff; } .tint-1 { background: #00a870; } .tint-2 { background: #8b5cf6; }
.tint-3 { background: #e37318; } .tint-4 { background: #0aa5c2; } .tint-5 { background: #d54a8c; }
.entry-body { min-width: 0; max-width: min(620px, 100%); }
.head { font-size: 13px; color: var(--soft); }
.head b { color: #4e5969; }
.tag { padding: 0 4px; border-radius: 3px; background: #fff3d6; color: #a86500; font-size: 11px; }
`;

/** Of what a bubble holds; the console shows bubbles too. */
export const bubbleStyle = `
.bubble { display: inline-block; max-width: 100%; margin-top: 3px; padding: 9px 13px; border-radius: 2px 10px 10px 10px;
  background: #fff; overflow-wrap: anywhere; box-shadow: 0 1px 1px rgb(0 0 0 / 4%); }
.bubble p { margin: 0; min-height: 1.6em; }
.keep-lines { white-space: pre-wrap; }
.heading { font-weight: 700; }
.level-1 { font-size: 1.35em; } .level-2 { font-size: 1.22em; } .level-3 { font-size: 1.12em; }
blockquote { margin: 4px 0; padding-left: 10px; border-left: 3px solid #d0d3d9; color: #5c6370; }
.depth-2 { margin-left: 14px; } .depth-3 { margin-left: 28px; }
.font-info { color: var(--info); } .font-comment { color: var(--comment); } .font-warning { color: var(--warning); }
.mention { color: var(--link); }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
.dead-link { color: var(--link); border-bottom: 1px dotted; }
code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .9em; background: #f2f3f5; border-radius: 4px; }
code { padding: 1px 4px; } pre { margin: 4px 0; padding: 8px 10px; overflow: auto; white-space: pre-wrap; max-height: 320px; }
table { border-collapse: collapse; margin: 4px 0; font-size: 14px; }
td { padding: 3px 10px; border: 1px solid var(--line); } thead td { background: #f7f8fa; font-weight: 600; }
.center { text-align: center; } .right { text-align: right; }
hr { border: 0; border-top: 1px solid var(--line); margin: 8px 0; }
.indent-1 { padding-left: 1.4em; } .indent-2 { padding-left: 2.8em; } .indent-3 { padding-left: 4.2em; }
.bullet { margin-right: .5em; color: var(--soft); }
.bubble.template_card, .bubble.news { padding: 0; width: 380px; }
.card > div, .card > dl { margin: 0; padding: 0 16px; }
.card > .card-source { padding-top: 12px; font-size: 13px; }
.grey { color: var(--soft); } .black { color: var(--ink); } .red { color: #e5484d; } .green { color: var(--info); }
.icon { display: inline-block; width: 14px; height: 14px; margin-right: 6px; border-radius: 3px; background: currentcolor;
  opacity: .5; vertical-align: -2px; }
.card > .picture { margin-top: 10px; }
.card > .card-title { padding-top: 10px; font-size: 17px; font-weight: 600; }
.card-desc, .card-sub { color: #5c6370; font-size: 14px; white-space: pre-wrap; }
.card > .card-sub { padding-top: 6px; }
.card > .emphasis { padding: 14px 16px; text-align: center; }
.emphasis-title { font-size: 30px; font-weight: 600; line-height: 1.3; } .emphasis-desc { font-size: 13px; color: var(--soft); }
.card > .quote-area { margin: 10px 16px; padding: 8px 12px; border-radius: 4px; background: #f5f6f7; font-size: 14px; }
.card > .image-text { display: flex; gap: 10px; padding-top: 10px; }
.card > .vertical { padding-top: 8px; font-size: 14px; }
.rows { display: grid; grid-template-columns: minmax(4.5em, max-content) 1fr; gap: 4px 14px; font-size: 14px; }
.card > .rows { padding: 10px 16px; } dt { color: var(--soft); } dd { margin: 0; white-space: pre-wrap; }
.card > .jump, .card > .card-action { padding: 9px 16px; border-top: 1px solid var(--line); font-size: 14px; }
.card > .jump:first-of-type { margin-top: 10px; }
.card > .card-action { text-align: center; font-weight: 500; }
.chevron { float: right; color: var(--soft); }
.picture { display: grid; place-items: center; background: linear-gradient(135deg, #dfe7f5, #eef1f6); color: var(--soft);
  font-size: 13px; }
.picture.wide { aspect-ratio: 2.25; } .picture.tall { aspect-ratio: 1.3; min-width: 200px; }
.picture.square { flex: none; width: 60px; height: 60px; } .picture.small { display: inline-block; padding: 2px 8px; }
.article { padding: 12px 16px; border-bottom: 1px solid var(--line); } .article:last-child { border: 0; }
.image { display: block; max-width: min(320px, 100%); max-height: 320px; }
.file { display: flex; gap: 10px; align-items: center; } .file-sign { font-size: 26px; }
details { margin-top: 6px; font-size: 13px; color: var(--soft); }
.article > b { display: block; margin-top: 6px; }
.note, .advice { font-size: 12px; color: var(--soft); }
.violation { margin-top: 3px; padding: 2px 8px; border-left: 3px solid var(--bad); background: #fff1ec; color: var(--bad);
  font-size: 13px; overflow-wrap: anywhere; text-align: left; }
`;

const systemStyle = `
.system { width: fit-content; max-width: 90%; margin: 12px auto; padding: 4px 12px; border-radius: 6px; background: #e3e4e8;
  color: #5c6370; font-size: 13px; text-align: center; }
.system .file { justify-content: center; }
.system.rejected, .system.rateLimited { background: #ffe4da; color: var(--bad); }
`;

export const pageStyle = frameStyle + bubbleStyle + systemStyle;

/** Appends the HTML from the stream, which the server has escaped; scrolls on when the end is in view; shows local times. */
export const pageScript = `"use strict";
const chat = document.getElementById("chat");
const gauges = document.getElementById("gauges");
const state = document.getElementById("state");
const empty = document.getElementById("empty");

function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    time.textContent = new Date(time.dateTime).toLocaleTimeString("zh-CN", { hour12: false });
  }
}

function isAtEnd() {
  return window.innerHeight + window.scrollY >= document.body.scrollHeight - 80;
}

function showEmpty() {
  empty.hidden = chat.children.length > 0;
}

function append(markup) {
  const follow = isAtEnd();
  const template = document.createElement("template");
  template.innerHTML = markup;
  localTimes(template.content);
  chat.append(template.content);
  showEmpty();
  if (follow) window.scrollTo(0, document.body.scrollHeight);
}

function showGauges(list) {
  gauges.replaceChildren(...list.map(({ label, taken, slots }) => {
    const gauge = document.createElement("label");
    gauge.className = "gauge";
    const name = document.createElement("span");
    name.textContent = label;
    const meter = document.createElement("meter");
    meter.max = slots;
    meter.value = taken;
    const count = document.createElement("span");
    count.className = "count";
    count.textContent = taken + "/" + slots;
    gauge.append(name, meter, count);
    return gauge;
  }));
}

localTimes(document);
showEmpty();
window.scrollTo(0, document.body.scrollHeight);

const stream = new EventSource("/_sim/stream?after=" + document.body.dataset.shown);
stream.addEventListener("entry", (message) => append(JSON.parse(message.data).html));
stream.addEventListener("gauges", (message) => showGauges(JSON.parse(message.data)));
stream.addEventListener("reset", () => {
  chat.replaceChildren();
  showEmpty();
});
stream.onopen = () => { state.textContent = "已连接 live"; state.className = "live"; };
stream.onerror = () => { state.textContent = "已断开 disconnected"; state.className = "note"; };
`;
