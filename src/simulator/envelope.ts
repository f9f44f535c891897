// The answer as WeCom writes it: HTTP 200 for success and failure alike, errcode and errmsg in body and headers, and in a
// failure the hint, the caller's address and the query link. Shape seen in a live probe of 2026-10 (observed).

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Verdict {
  readonly errcode: number;
  readonly errmsg: string;
  /** Further members of the body, as upload_media gives them. */
  readonly members?: Readonly<Record<string, string>>;
}

export interface Moment {
  readonly at: number;
  /** Makes each hint different, as the real one is. */
  readonly serial: number;
}

/** A documentation address (RFC 5737), so nobody's real one ends up in a fixture. */
const callerAddress = "203.0.113.7";

export function envelope(verdict: Verdict, moment: Moment): Answer {
  const { errcode } = verdict;
  const errmsg = errcode === 0 ? verdict.errmsg : failureText(verdict, moment);
  return {
    status: 200,
    headers: {
      "Content-Type": "application/json; charset=UTF-8",
      "Error-Code": String(errcode),
      "Error-Msg": errmsg.replace(/[^\x20-\x7e]/g, "?"),
      "X-W-No": String((moment.serial % 9) + 1),
    },
    body: JSON.stringify({ errcode, errmsg, ...verdict.members }),
  };
}

function failureText({ errcode, errmsg }: Verdict, { at, serial }: Moment): string {
  const hint = `${Math.floor(at / 1000)}${String(serial).padStart(15, "0")}`;
  const link = `https://open.work.weixin.qq.com/devtool/query?e=${errcode}`;
  return `${errmsg}, hint: [${hint}], from ip: ${callerAddress}, more info at ${link}`;
}
