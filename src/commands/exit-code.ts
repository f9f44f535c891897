// What the process says when it ends: a shell script may try again after `temporary`, and after nothing else.

export const exitCode = { ok: 0, failed: 1, usage: 2, temporary: 4 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
