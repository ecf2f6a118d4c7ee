// What stands around the graph: the bar above it, and the words about one node.
import type { PlanNode } from '../src/shapes';
import type { Placed } from './layout';

export interface Toolbar {
  element: HTMLElement;
  releases(names: readonly string[], chosen: string): void;
  say(text: string): void;
  search(): void;
  /** What is searched for, in lower case; empty: nothing. */
  wanted(): string;
}

export interface ToolbarActions {
  release(name: string): void;
  filter(): void;
  zoom(direction: -1 | 0 | 1): void;
}

export function toolbar(actions: ToolbarActions): Toolbar {
  const select = document.createElement('select');
  select.addEventListener('change', () => actions.release(select.value));
  const input = document.createElement('input');
  input.type = 'search';
  input.placeholder = 'Find ( / )';
  input.setAttribute('aria-label', 'Find nodes');
  input.addEventListener('input', () => actions.filter());
  const words = document.createElement('output');
  words.setAttribute('role', 'status');
  const element = document.createElement('header');
  element.setAttribute('role', 'toolbar');
  element.setAttribute('aria-label', 'Build plan');
  element.append(
    labelled('Release', select),
    input,
    button('−', 'Smaller ( - )', () => actions.zoom(-1)),
    button('1:1', 'Size as drawn ( 0 )', () => actions.zoom(0)),
    button('+', 'Larger ( + )', () => actions.zoom(1)),
    words,
  );
  return {
    element,
    releases: (names, chosen) => {
      select.replaceChildren(option('', 'all'), ...names.map((name) => option(name, name)));
      select.value = chosen;
    },
    say: (text) => {
      words.textContent = text;
    },
    search: () => input.focus(),
    wanted: () => input.value.trim().toLowerCase(),
  };
}

/** In full, for screen readers and for the search. */
export function nameOf({ node, before }: Placed): string {
  const from = before.map((one) => titleOf(one.node)).join(', ');
  const state = node.state === 'planned' ? '' : node.state;
  return [titleOf(node), node.kind, node.detail, state, from === '' ? '' : `from ${from}`].filter(Boolean).join(', ');
}

/** A label may hold the release already, and the state, which is drawn. */
export function titleOf({ label, release, state }: PlanNode): string {
  const name = label.endsWith(` (${state})`) ? label.slice(0, -` (${state})`.length) : label;
  return release === '' || name.includes(release) ? name : `${name} ${release}`;
}

/** What stands there while no node is the current one. */
export function help(): HTMLElement[] {
  const title = document.createElement('h2');
  title.textContent = 'Keys';
  const keys = document.createElement('dl');
  fact(keys, '← →', 'what a node is built from, what it goes into');
  fact(keys, '↑ ↓', 'the node above, below');
  fact(keys, 'Enter, Space', 'open its file, here or beside');
  fact(keys, '/', 'find');
  fact(keys, '+ − 0', 'size');
  fact(keys, 'Esc', 'no node');
  return [title, keys];
}

export function detailsOf(
  one: Placed,
  turnTo: (to: Placed, focus: boolean) => void,
  open: (one: Placed, beside: boolean) => void,
): HTMLElement[] {
  const { node, before, after } = one;
  const title = document.createElement('h2');
  title.textContent = titleOf(node);
  const facts = document.createElement('dl');
  fact(facts, 'Kind', node.kind);
  fact(facts, 'Release', node.release);
  fact(facts, 'Version', node.detail);
  fact(facts, 'State', node.state);
  for (const problem of node.problems) fact(facts, 'Problem', problem);
  fact(facts, 'Platforms', node.platforms.join(', '));
  for (const tag of node.tags) fact(facts, 'Tag', tag);
  const parts: HTMLElement[] = [title, facts];
  if (node.uri !== '') parts.push(button('Open', 'Open what this node is made from ( Enter )', () => open(one, false)));
  parts.push(...neighbours('Built from', before, turnTo), ...neighbours('Goes into', after, turnTo));
  return parts;
}

/** By characters as a reader counts them; the whole stands in the tooltip. */
export function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

function neighbours(words: string, list: readonly Placed[], turnTo: (to: Placed, focus: boolean) => void): HTMLElement[] {
  if (list.length === 0) return [];
  const title = document.createElement('h3');
  title.textContent = words;
  const items = document.createElement('ul');
  for (const one of list) {
    const item = document.createElement('li');
    item.append(button(titleOf(one.node), '', () => turnTo(one, true)));
    items.append(item);
  }
  return [title, items];
}

function fact(list: HTMLElement, name: string, value: string): void {
  if (value === '') return;
  const term = document.createElement('dt');
  term.textContent = name;
  const description = document.createElement('dd');
  description.textContent = value;
  list.append(term, description);
}

function button(text: string, title: string, press: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  if (title !== '') made.title = title;
  made.addEventListener('click', press);
  return made;
}

function labelled(text: string, control: HTMLElement): HTMLLabelElement {
  const label = document.createElement('label');
  label.append(`${text} `, control);
  return label;
}

function option(value: string, text: string): HTMLOptionElement {
  const made = document.createElement('option');
  made.value = value;
  made.textContent = text;
  return made;
}
