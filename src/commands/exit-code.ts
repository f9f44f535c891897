// What the process says when it ends (DESIGN: 0 ok, 1 failed, 2 usage, 4 temporary delivery failure).

export const exitCode = { ok: 0, failed: 1, usage: 2 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
