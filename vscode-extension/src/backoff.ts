// How long to wait before a server that ended by itself is started again.

const longestDelay = 30_000;

/** Doubles the wait with each recent crash; gives up when they come too fast. */
export class Backoff {
  private crashes: number[] = [];

  constructor(
    private readonly limit = 5,
    private readonly window = 3 * 60_000,
    private readonly firstDelay = 1_000,
  ) {}

  /** Milliseconds to wait after a crash at the time `now`; undefined: don't try again. */
  next(now: number): number | undefined {
    this.crashes = this.crashes.filter((time) => now - time < this.window);
    this.crashes.push(now);
    if (this.crashes.length > this.limit) return undefined;
    return Math.min(this.firstDelay * 2 ** (this.crashes.length - 1), longestDelay);
  }

  /** Forgets the past: the user asked for a fresh start. */
  reset(): void {
    this.crashes = [];
  }
}
