export function describeAgainstModel(_open: unknown): void {}
