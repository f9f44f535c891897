// The bots of the bench, and the keys of their robots.

export interface BenchRobot {
  readonly name: string;
  readonly key: string;
}

export function robotsOf(count: number): readonly BenchRobot[] {
  return Array.from({ length: count }, (_, n) => ({
    name: `bot${n}`,
    key: `${String(n).padStart(8, "0")}-5ec2-4e77-9999-000000000000`,
  }));
}
