// What the tree shows of an overview: a function of values, so that each row can be tested.
import type { Component, Forge, Patch, Release, State } from './shapes';

export type Row =
  | { kind: 'forge'; forge: Forge }
  | { kind: 'release'; forge: Forge; release: Release }
  | { kind: 'component'; forge: Forge; release: Release; component: Component }
  | { kind: 'patch'; forge: Forge; release: Release; component: Component; patch: Patch };

export interface Look {
  label: string;
  description: string;
  tooltip: string;
  /** A codicon, and the theme's colour for it. */
  icon: string;
  colour: string | undefined;
  /** What the menus ask for. */
  context: string;
  opens: boolean;
}

const states: Record<State, { icon: string; colour: string | undefined }> = {
  ok: { icon: 'pass', colour: 'testing.iconPassed' },
  hint: { icon: 'pass', colour: 'testing.iconPassed' },
  information: { icon: 'info', colour: 'list.deemphasizedForeground' },
  warning: { icon: 'warning', colour: 'list.warningForeground' },
  error: { icon: 'error', colour: 'list.errorForeground' },
  unknown: { icon: 'question', colour: 'list.deemphasizedForeground' },
};

const order: readonly State[] = ['ok', 'hint', 'information', 'unknown', 'warning', 'error'];

const patchStates: Record<Patch['state'], { state: State; words: string }> = {
  applies: { state: 'ok', words: 'applies' },
  'already-applied': { state: 'warning', words: 'already in the source' },
  conflict: { state: 'error', words: 'does not apply' },
  malformed: { state: 'error', words: 'is no valid patch' },
  unknown: { state: 'unknown', words: 'could not be tried' },
};

/** One forge needs no row of its own. */
export function roots(forges: readonly Forge[]): Row[] {
  const [only] = forges;
  if (forges.length === 1 && only !== undefined) return children({ kind: 'forge', forge: only });
  return forges.map((forge) => ({ kind: 'forge', forge }));
}

export function children(row: Row): Row[] {
  switch (row.kind) {
    case 'forge':
      return row.forge.releases.map((release) => ({ ...row, kind: 'release', release }));
    case 'release':
      return row.release.components.map((component) => ({ ...row, kind: 'component', component }));
    case 'component':
      return row.component.patches.map((patch) => ({ ...row, kind: 'patch', patch }));
    case 'patch':
      return [];
  }
}

/** Stays the same when the overview is asked for again, so that what was unfolded stays so. */
export function idOf(row: Row): string {
  const parts = [row.forge.uri];
  if ('release' in row) parts.push(row.release.name);
  if ('component' in row) parts.push(row.component.name);
  if ('patch' in row) parts.push(row.patch.name);
  return parts.join('\n');
}

export function look(row: Row): Look {
  switch (row.kind) {
    case 'forge':
      return lookOfForge(row.forge);
    case 'release':
      return lookOfRelease(row.release);
    case 'component':
      return lookOfComponent(row.component);
    case 'patch':
      return lookOfPatch(row.patch);
  }
}

function lookOfForge(forge: Forge): Look {
  return {
    label: forge.name,
    description: forge.checked ? '' : 'being checked',
    tooltip: forge.uri,
    icon: 'repo',
    colour: undefined,
    context: 'forge',
    opens: forge.releases.length > 0,
  };
}

function lookOfRelease(release: Release): Look {
  const number = release.components.length;
  const errors = release.components.filter((component) => worst(component) === 'error').length;
  const count = number === 1 ? '1 component' : `${number} components`;
  return {
    ...states[release.components.map(worst).reduce(worse, 'ok')],
    label: release.name,
    description: errors === 0 ? count : `${count}, ${errors} with errors`,
    tooltip: `Release ${release.name}: ${count}`,
    context: 'release',
    opens: number > 0,
  };
}

function lookOfComponent(component: Component): Look {
  const state = worst(component);
  return {
    ...states[state],
    label: component.name,
    description: [briefly(component.ref), component.newest === '' ? '' : `→ ${component.newest}`].filter(Boolean).join(' '),
    tooltip: tooltipOf(component),
    context: `component.${state}`,
    opens: component.patches.length > 0,
  };
}

function lookOfPatch(patch: Patch): Look {
  const { state, words } = patchStates[patch.state];
  const context = patch.state === 'applies' && patch.detail !== '' ? 'offset' : patch.state;
  return {
    ...states[state],
    label: patch.name,
    description: patch.detail === '' ? (patch.state === 'applies' ? '' : words) : patch.detail,
    tooltip: `${patch.name} ${words}${patch.detail === '' ? '' : ` (${patch.detail})`}`,
    context: `patch.${context}`,
    opens: false,
  };
}

/** A commit as git abbreviates it. */
function briefly(ref: string): string {
  return /^[0-9a-f]{40}$/.test(ref) ? ref.slice(0, 10) : ref;
}

function tooltipOf(component: Component): string {
  const lines = [`${component.name} ${component.ref}${component.kind === 'unknown' ? '' : `: ${component.kind}`}`];
  if (!component.service) lines.push('a library: no image of its own');
  if (component.commit !== '') lines.push(`commit ${component.commit.slice(0, 10)} ${component.date.slice(0, 10)}`.trim());
  if (component.newest !== '') lines.push(`newer: ${component.newest}`);
  if (component.behind > 0) lines.push(`${component.behind} commits behind its branch`);
  if (component.state === 'unknown') lines.push('could not be examined: is there a mirror?');
  if (component.patches.length > 0) lines.push(`patches: ${component.patches.length}`);
  return lines.join('\n');
}

/** Of the component itself and its patches. */
function worst(component: Component): State {
  return component.patches.map((patch) => patchStates[patch.state].state).reduce(worse, component.state);
}

function worse(left: State, right: State): State {
  return order.indexOf(left) < order.indexOf(right) ? right : left;
}
