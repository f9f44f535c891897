// The script of the page, as text. It appends what the stream brings, which is HTML rendered and escaped on the server,
// keeps the view at the end when the reader is there, and shows instants in local time.

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
stream.onopen = () => { state.textContent = "实时 live"; state.className = "live"; };
stream.onerror = () => { state.textContent = "已断开 disconnected"; state.className = "note"; };
`;
