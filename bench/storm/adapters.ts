// Models of the two kinds of adapter in use (bench/README.md): each posts a webhook as markdown while the sender of the
// webhook waits. The model of the first kind cuts a long text; the adapters do not, and WeCom rejects the text.

/** Posts one webhook to the robot; resolves to the HTTP status for the sender. */
export type Adapter = (body: string) => Promise<number>;

export interface RobotAddress {
  readonly origin: string;
  readonly key: string;
}

export const adapters: Readonly<Record<string, (robot: RobotAddress) => Adapter>> = {
  "HTTP status only": readsStatus,
  "errcode, then 500": readsErrcode,
};

function readsStatus(robot: RobotAddress): Adapter {
  return async (body) => {
    const { status } = await send(robot, cut(linesOf(body)));
    return status;
  };
}

/** The first part that WeCom rejects ends the webhook: its sender posts all of it again. */
function readsErrcode(robot: RobotAddress): Adapter {
  return async (body) => {
    for (const content of split(linesOf(body))) {
      const { errcode } = await send(robot, content);
      if (errcode !== 0) return 500;
    }
    return 200;
  };
}

async function send({ origin, key }: RobotAddress, content: string): Promise<{ status: number; errcode: number }> {
  const body = JSON.stringify({ msgtype: "markdown", markdown: { content } });
  const answer = await fetch(`${origin}/cgi-bin/webhook/send?key=${key}`, { method: "POST", body });
  const { errcode } = (await answer.json()) as { readonly errcode: number };
  return { status: answer.status, errcode };
}

function linesOf(body: string): readonly string[] {
  const { alerts } = JSON.parse(body) as {
    readonly alerts: readonly { readonly labels: Readonly<Record<string, string>>; readonly annotations: object }[];
  };
  return alerts.map(({ labels, annotations }) => {
    const { alertname, severity, instance } = labels;
    return `> [${severity}] ${alertname} ${instance}: ${Object.values(annotations).join(" ")}`;
  });
}

const markdownMaxBytes = 4096;

function cut(lines: readonly string[]): string {
  const bytes = Buffer.from(lines.join("\n")).subarray(0, markdownMaxBytes);
  return bytes.toString("utf8").replace(/�+$/u, "");
}

function split(lines: readonly string[]): readonly string[] {
  const parts: string[] = [];
  for (const line of lines) {
    const longer = [...parts.slice(-1), line].join("\n");
    if (parts.length === 0 || Buffer.byteLength(longer) > markdownMaxBytes) parts.push(line);
    else parts[parts.length - 1] = longer;
  }
  return parts;
}
