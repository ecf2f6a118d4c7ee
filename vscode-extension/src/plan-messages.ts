// What the extension and the page of the plan say to each other.
import type { Plan } from './shapes';

export type ToPage =
  | { type: 'waiting' }
  | { type: 'trouble'; text: string }
  | { type: 'plan'; plan: Plan; releases: string[]; release: string; focus: string };

export type FromPage =
  | { type: 'ready' }
  /** Empty: all releases. */
  | { type: 'release'; release: string }
  | { type: 'open'; id: string; beside: boolean };
