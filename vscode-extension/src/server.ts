// Keeps one forge-lsp process running: starts it, notices when it ends, starts it again after a pause, ends it.
// Knows nothing of the editor; what is said over the process's pipes is the Conversation's business.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Backoff } from './backoff';
import type { FoundServer, Located, Problem } from './locate';

export type ServerState =
  | { kind: 'stopped' }
  | { kind: 'starting' }
  | { kind: 'running'; server: FoundServer }
  | { kind: 'waiting'; seconds: number; reason: string }
  | { kind: 'unusable'; problem: Problem }
  | { kind: 'given-up'; reason: string };

/** The protocol spoken with one process, from initialize to exit. */
export interface Conversation {
  /** Resolves when the server is initialised. */
  open(): Promise<void>;
  /** Asks the server to end. May reject; the process is ended anyway. */
  close(): Promise<void>;
}

export interface Surroundings {
  find(): Promise<Located>;
  /** `fail` is called, at any time, when what the server says makes no sense. */
  converse(process: ChildProcessWithoutNullStreams, fail: (reason: string) => void): Conversation;
  launch(): { arguments: readonly string[]; folder: string | undefined };
  show(state: ServerState): void;
  log(line: string): void;
}

export interface Limits {
  initialize: number;
  close: number;
  backoff: Backoff;
}

/** A process that was started, and the conversation with it. */
interface Running {
  process: ChildProcessWithoutNullStreams;
  conversation: Conversation;
  ended: Promise<void>;
  /** Why it is of no use any more, in words: it ended, or fails to speak the protocol. */
  over: Promise<string>;
}

/** One attempt to have a server. A new attempt makes what an older one still reports meaningless. */
interface Attempt {
  running?: Running;
  retry?: NodeJS.Timeout;
}

export class Server {
  private attempt: Attempt | undefined;
  private readonly limits: Limits;

  constructor(
    private readonly surroundings: Surroundings,
    limits: Partial<Limits> = {},
  ) {
    this.limits = { initialize: 30_000, close: 2_000, backoff: new Backoff(), ...limits };
  }

  /** Ends a running server, forgets earlier crashes, and starts anew. */
  async restart(): Promise<void> {
    this.limits.backoff.reset();
    const attempt = {};
    const previous = this.attempt;
    this.attempt = attempt;
    await this.end(previous);
    await this.run(attempt);
  }

  async stop(): Promise<void> {
    const previous = this.attempt;
    this.attempt = undefined;
    await this.end(previous);
    if (this.attempt === undefined) this.surroundings.show({ kind: 'stopped' });
  }

  private async run(attempt: Attempt): Promise<void> {
    if (this.attempt !== attempt) return;
    this.surroundings.show({ kind: 'starting' });
    try {
      const located = await this.surroundings.find();
      if (this.attempt !== attempt) return;
      if ('problem' in located) this.surroundings.show({ kind: 'unusable', problem: located.problem });
      else await this.start(attempt, located.server);
    } catch (error) {
      this.crashed(attempt, `cannot be started: ${words(error)}`);
    }
  }

  private async start(attempt: Attempt, server: FoundServer): Promise<void> {
    this.surroundings.log(`Starting ${server.path}, version ${server.version}`);
    const running = this.launch(server);
    attempt.running = running;
    void running.over.then((reason) => this.crashed(attempt, reason, running));
    const trouble = await this.initialized(running);
    if (attempt.running !== running || this.attempt !== attempt) return;
    if (trouble === undefined) this.surroundings.show({ kind: 'running', server });
    else this.crashed(attempt, trouble, running);
  }

  private launch(server: FoundServer): Running {
    const { folder, ...options } = this.surroundings.launch();
    const place = folder === undefined ? {} : { cwd: folder };
    const process = spawn(server.path, ['--stdio', ...options.arguments], { ...place, windowsHide: true });
    // A server that ends while being written to is reported by its end.
    process.stdin.on('error', () => undefined);
    let fail: (reason: string) => void = () => undefined;
    const over = new Promise<string>((resolve) => {
      fail = resolve;
    });
    const ended = new Promise<void>((resolve) => {
      process.once('error', () => resolve());
      process.once('exit', () => resolve());
    });
    process.once('error', (error) => fail(`cannot be run: ${error.message}`));
    process.once('exit', (code, signal) => fail(signal ? `was ended by ${signal}` : `ended with code ${code}`));
    return { process, conversation: this.surroundings.converse(process, fail), ended, over };
  }

  /** What went wrong, in words; undefined when all is well. */
  private async initialized(running: Running): Promise<string | undefined> {
    const opened = running.conversation.open().then(
      () => undefined,
      // A moment later the process may have ended, which explains more than the broken conversation.
      (error: unknown) => pause(200, `did not initialise: ${words(error)}`).promise,
    );
    const late = pause(this.limits.initialize, `did not answer within ${this.limits.initialize / 1000} seconds`);
    const trouble = await Promise.race([running.over, opened, late.promise]);
    late.cancel();
    return trouble;
  }

  private crashed(attempt: Attempt, reason: string, running?: Running): void {
    if (this.attempt !== attempt || attempt.running !== running) return;
    running?.process.kill('SIGKILL');
    if (running !== undefined) part(running.conversation);
    delete attempt.running;
    this.surroundings.log(`forge-lsp ${reason}`);
    const delay = this.limits.backoff.next(Date.now());
    if (delay === undefined) {
      this.surroundings.show({ kind: 'given-up', reason });
      return;
    }
    this.surroundings.show({ kind: 'waiting', seconds: Math.ceil(delay / 1000), reason });
    attempt.retry = setTimeout(() => void this.run(attempt), delay);
  }

  /** Polite first; a server that does not listen is killed. */
  private async end(attempt: Attempt | undefined): Promise<void> {
    clearTimeout(attempt?.retry);
    const running = attempt?.running;
    if (running === undefined) return;
    const killer = setTimeout(() => running.process.kill('SIGKILL'), this.limits.close);
    part(running.conversation);
    await running.ended;
    clearTimeout(killer);
  }
}

/** Whatever goes wrong with it, the process is ended all the same. */
function part(conversation: Conversation): void {
  void (async () => conversation.close())().catch(() => undefined);
}

function pause<T>(milliseconds: number, value: T): { promise: Promise<T>; cancel(): void } {
  let timer: NodeJS.Timeout;
  const promise = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(value), milliseconds);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
