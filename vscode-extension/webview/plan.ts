// The page that draws the build plan. One node is the current one: arrow keys walk from it along the edges, Enter opens what
// it stands for, and beside the graph stands what is known of it.
import type { FromPage, ToPage } from '../src/plan-messages';
import type { Plan, PlanNode } from '../src/shapes';
import { detailsOf, help, nameOf, shorten, titleOf, toolbar, type Toolbar } from './parts';
import { layOut, type Layout, type Placed, related, size } from './layout';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void; getState(): unknown; setState(state: unknown): void };

const editor = acquireVsCodeApi();
const namespace = 'http://www.w3.org/2000/svg';
const zooms = { least: 0.2, fit: 0.6, most: 2.5, step: 1.2 };

const root = document.getElementById('plan') as HTMLElement;
const bar: Toolbar = toolbar({
  release: (release) => editor.postMessage({ type: 'release', release }),
  filter: () => mark(),
  zoom: (direction) => zoomBy(direction),
});
const problems = element('ul', 'problems');
const stage = element('div', 'stage');
const details = element('aside', 'details');
details.setAttribute('aria-live', 'polite');
const lower = element('div', 'lower');
lower.append(stage, details);
root.append(bar.element, problems, lower);

let layout: Layout = layOut([], []);
let current: Placed | undefined;
let zoom = 1;
/** The first plan is made to fit; afterwards its size is the user's. */
let fitted = false;
const groups = new Map<Placed, SVGGElement>();
const lines: { from: Placed; to: Placed; path: SVGPathElement }[] = [];

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  if (data.type === 'waiting') {
    bar.say('Asking forge-lsp …');
  } else if (data.type === 'trouble') {
    draw({ nodes: [], edges: [], problems: [] });
    bar.say(data.text);
  } else {
    bar.releases(data.releases, data.release);
    draw(data.plan);
    if (!fitted) fit();
    turnTo(data.focus);
  }
});
document.addEventListener('keydown', (event) => {
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) {
    if (event.key === 'Escape') (groups.get(current ?? (layout.nodes[0] as Placed)) ?? stage).focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (press(event.key)) event.preventDefault();
});
editor.postMessage({ type: 'ready' });

function draw(plan: Plan): void {
  const kept = current?.node.id;
  layout = layOut(plan.nodes, plan.edges);
  groups.clear();
  lines.length = 0;
  problems.replaceChildren(...plan.problems.map((text) => element('li', '', text)));
  const svg = shape('svg', { role: 'group', 'aria-label': 'Build plan' });
  svg.append(arrowHead());
  for (const to of layout.nodes) for (const from of to.before) svg.append(line(from, to));
  // In the order of the columns, which is the order in which a screen reader meets them.
  for (const one of layout.columns.flat()) svg.append(box(one));
  stage.replaceChildren(svg);
  for (const text of svg.querySelectorAll('text')) fitText(text, size.width - 20);
  const blocked = layout.nodes.filter(({ node }) => isBlocked(node)).length;
  bar.say(`${layout.nodes.length} nodes${blocked === 0 ? '' : `, ${blocked} blocked`}`);
  resize();
  current = undefined;
  details.replaceChildren(...help());
  select(layout.nodes.find(({ node }) => node.id === kept), false);
}

/** The component's own image, else whatever bears its name. */
function turnTo(component: string): void {
  if (component === '') return;
  const named = layout.nodes.filter(({ node }) => node.label === component || node.label.startsWith(`${component} `));
  const found = named.find(({ node }) => node.kind === 'service') ?? named[0];
  if (found !== undefined) select(found, true);
}

/** How wide a font runs is known only when it is drawn. */
function fitText(text: SVGTextElement, most: number): void {
  const full = text.textContent ?? '';
  const width = text.getComputedTextLength();
  if (width > most) text.textContent = shorten(full, Math.floor(([...full].length * most) / width) - 1);
}

function isBlocked({ state }: PlanNode): boolean {
  return state === 'blocked';
}

function box(one: Placed): SVGGElement {
  const { node } = one;
  const group = shape('g', {
    class: `node ${node.kind}${isBlocked(node) ? ' blocked' : ''}`,
    role: 'button',
    tabindex: '-1',
    transform: `translate(${one.x} ${one.y})`,
    'aria-label': nameOf(one),
  });
  const title = shape('title', {});
  title.textContent = nameOf(one);
  const label = shape('text', { class: 'label', x: '12', y: '20' });
  label.textContent = titleOf(node);
  const below = shape('text', { class: 'below', x: '12', y: '36' });
  below.textContent = [node.kind, node.detail].filter(Boolean).join(' · ');
  const { width, height } = size;
  group.append(title, shape('rect', { width: `${width}`, height: `${height}`, rx: '6' }), label, below);
  group.addEventListener('focus', () => select(one, false));
  group.addEventListener('click', () => select(one, true));
  group.addEventListener('dblclick', () => openNode(one, false));
  groups.set(one, group);
  return group;
}

function line(from: Placed, to: Placed): SVGPathElement {
  const [x1, y1] = [from.x + size.width, from.y + size.height / 2];
  const [x2, y2] = [to.x - 4, to.y + size.height / 2];
  const bend = Math.max(30, (x2 - x1) / 2);
  const path = shape('path', {
    class: 'edge',
    d: `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`,
    'marker-end': 'url(#arrow)',
  });
  lines.push({ from, to, path });
  return path;
}

function arrowHead(): SVGDefsElement {
  const marker = shape('marker', {
    id: 'arrow',
    viewBox: '0 0 8 8',
    refX: '7',
    refY: '4',
    markerWidth: '9',
    markerHeight: '9',
    markerUnits: 'userSpaceOnUse',
    orient: 'auto',
  });
  marker.append(shape('path', { class: 'arrow', d: 'M 0 0 L 8 4 L 0 8 z' }));
  const defs = shape('defs', {});
  defs.append(marker);
  return defs;
}

function select(one: Placed | undefined, focus: boolean): void {
  if (one !== current) {
    current = one;
    details.replaceChildren(...(one === undefined ? help() : detailsOf(one, select, openNode)));
    mark();
  }
  // One stop for the Tab key; within, the arrows.
  const stop = one ?? layout.columns.flat()[0];
  for (const [other, group] of groups) group.setAttribute('tabindex', other === stop ? '0' : '-1');
  if (one === undefined) return;
  const group = groups.get(one);
  if (focus) group?.focus({ preventScroll: true });
  group?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** The current node's relatives stand out; so do the nodes that are searched for. */
function mark(): void {
  const wanted = bar.wanted();
  const relatives = current === undefined ? undefined : related(current);
  for (const [one, group] of groups) {
    const hit = wanted === '' || nameOf(one).toLowerCase().includes(wanted);
    group.classList.toggle('current', one === current);
    group.classList.toggle('dim', wanted === '' ? relatives?.has(one) === false : !hit);
    group.setAttribute('aria-pressed', String(one === current));
  }
  for (const { from, to, path } of lines) {
    const strong = relatives?.has(from) === true && relatives.has(to);
    path.classList.toggle('strong', strong);
    path.classList.toggle('dim', relatives !== undefined && !strong);
  }
}

function press(key: string): boolean {
  switch (key) {
    case 'ArrowLeft':
      return go(nearest(current?.before));
    case 'ArrowRight':
      return go(nearest(current?.after));
    case 'ArrowUp':
      return go(inColumn(-1));
    case 'ArrowDown':
      return go(inColumn(1));
    case 'Home':
      return go(layout.columns.flat()[0]);
    case 'End':
      return go(layout.columns.flat().at(-1));
    case 'Enter':
    case ' ':
      // On a button of the details they press that button.
      if (document.activeElement instanceof HTMLButtonElement || current === undefined) return false;
      openNode(current, key === ' ');
      return true;
    case 'Escape':
      select(undefined, false);
      return true;
    case '+':
    case '=':
      zoomBy(1);
      return true;
    case '-':
      zoomBy(-1);
      return true;
    case '0':
      zoomBy(0);
      return true;
    case '/':
      bar.search();
      return true;
    default:
      return false;
  }
}

/** A first arrow begins at the first node. */
function go(to: Placed | undefined): boolean {
  const target = current === undefined ? layout.columns.flat()[0] : to;
  if (target !== undefined) select(target, true);
  return true;
}

function nearest(neighbours: readonly Placed[] | undefined): Placed | undefined {
  const height = current?.y ?? 0;
  return [...(neighbours ?? [])].sort((a, b) => Math.abs(a.y - height) - Math.abs(b.y - height))[0];
}

function inColumn(step: number): Placed | undefined {
  return current === undefined ? undefined : layout.columns[current.column]?.[current.row + step];
}

function openNode(one: Placed, beside: boolean): void {
  editor.postMessage({ type: 'open', id: one.node.id, beside });
}

function fit(): void {
  if (layout.nodes.length === 0) return;
  fitted = true;
  zoom = Math.min(1, Math.max(zooms.fit, stage.clientWidth / layout.width));
  resize();
}

/** 0: back to the size as drawn. */
function zoomBy(direction: -1 | 0 | 1): void {
  zoom = direction === 0 ? 1 : Math.min(zooms.most, Math.max(zooms.least, zoom * zooms.step ** direction));
  resize();
}

function resize(): void {
  const svg = stage.querySelector('svg');
  svg?.setAttribute('viewBox', `0 0 ${layout.width} ${layout.height}`);
  svg?.setAttribute('width', `${layout.width * zoom}`);
  svg?.setAttribute('height', `${layout.height * zoom}`);
}

function shape<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function element(name: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.textContent = text;
  return made;
}
