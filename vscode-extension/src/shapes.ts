// The server's own methods beside the protocol's, and the shapes of their answers. What comes over the wire is read field
// by field: a server of another version, or a broken one, leads to a poorer view and never to an exception.

export const methods = {
  content: 'forge/content',
  overview: 'forge/overview',
  overviewChanged: 'forge/overviewChanged',
  plan: 'forge/plan',
  compare: 'forge/compare',
  audit: 'forge/audit',
} as const;

export type State = 'ok' | 'hint' | 'information' | 'warning' | 'error' | 'unknown';
export type PatchState = 'applies' | 'already-applied' | 'conflict' | 'malformed' | 'unknown';

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

export interface Patch {
  name: string;
  uri: string;
  state: PatchState;
  detail: string;
}

export interface Component {
  name: string;
  service: boolean;
  ref: string;
  kind: string;
  commit: string;
  date: string;
  newest: string;
  /** Commits that the ref's branch is ahead of it; 0 where none are, or nobody knows. */
  behind: number;
  state: State;
  uri: string;
  range: Range;
  patches: Patch[];
}

export interface Release {
  name: string;
  /** Of its source-refs.yaml. */
  uri: string;
  components: Component[];
}

export interface Forge {
  /** Of its root. */
  uri: string;
  name: string;
  checked: boolean;
  /** Components without an upstream to compare with. */
  unavailable: string[];
  releases: Release[];
}

export type NodeKind = 'base' | 'service' | 'source' | 'constraints' | 'library' | 'test' | 'outer';

export interface PlanNode {
  id: string;
  label: string;
  kind: NodeKind;
  release: string;
  detail: string;
  /** `planned`, `blocked` or another word of the server's. */
  state: string;
  uri: string;
  platforms: string[];
  tags: string[];
  /** Why it is blocked. */
  problems: string[];
}

/** What `to` is built from. */
export interface PlanEdge {
  from: string;
  to: string;
  label: string;
}

export interface Plan {
  nodes: PlanNode[];
  edges: PlanEdge[];
  problems: string[];
}

export interface Excerpt {
  text: string;
  /** Of its first line in the whole file, from 1. */
  line: number;
}

export interface Comparison {
  title: string;
  path: string;
  ref: string;
  expected: Excerpt;
  found: Excerpt;
  /** Why it does not apply, in a sentence. */
  reason: string;
  upstream: { commit: string; subject: string; date: string; tag: string } | undefined;
  applies: boolean;
}

export interface AuditPage {
  html: string;
  verdict: string;
}

export function readOverview(answer: unknown): Forge[] {
  return list(record(answer)['forges']).map((value) => {
    const forge = record(value);
    return {
      uri: text(forge['uri']),
      name: text(forge['name']),
      checked: forge['checked'] === true,
      unavailable: list(forge['unavailable']).map(text),
      releases: list(forge['releases']).map(readRelease),
    };
  });
}

export function readPlan(answer: unknown): Plan {
  const plan = record(answer);
  const nodes = list(plan['nodes']).map(readNode);
  const known = new Set(nodes.map(({ id }) => id));
  const edges = list(plan['edges']).map((value) => {
    const edge = record(value);
    return { from: text(edge['from']), to: text(edge['to']), label: text(edge['label']) };
  });
  return {
    nodes,
    edges: edges.filter(({ from, to }) => known.has(from) && known.has(to)),
    problems: list(plan['problems']).map(text),
  };
}

/** Undefined: there is no hunk at that place. */
export function readComparison(answer: unknown): Comparison | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const comparison = record(answer);
  const upstream = record(comparison['upstream']);
  return {
    title: text(comparison['title']),
    path: text(comparison['path']),
    ref: text(comparison['ref']),
    expected: readExcerpt(comparison['expected']),
    found: readExcerpt(comparison['found']),
    reason: text(comparison['reason']),
    upstream:
      text(upstream['commit']) === ''
        ? undefined
        : {
            commit: text(upstream['commit']),
            subject: text(upstream['subject']),
            date: text(upstream['date']),
            tag: text(upstream['tag']),
          },
    applies: comparison['applies'] === true,
  };
}

export function readAudit(answer: unknown): AuditPage {
  const audit = record(answer);
  return { html: text(audit['html']), verdict: text(audit['verdict']) };
}

/** Undefined: there is no such file at that commit. */
export function readContent(answer: unknown): string | undefined {
  const content = record(answer)['text'];
  return typeof content === 'string' ? content : undefined;
}

function readRelease(value: unknown): Release {
  const release = record(value);
  return {
    name: text(release['name']),
    uri: text(release['uri']),
    components: list(release['components']).map(readComponent),
  };
}

function readComponent(value: unknown): Component {
  const component = record(value);
  return {
    name: text(component['name']),
    service: component['service'] === true,
    ref: text(component['ref']),
    kind: text(component['kind']),
    commit: text(component['commit']),
    date: text(component['date']),
    newest: text(component['newest']),
    behind: count(component['behind']),
    state: oneOf(component['state'], ['ok', 'hint', 'information', 'warning', 'error']) ?? 'unknown',
    uri: text(component['uri']),
    range: readRange(component['range']),
    patches: list(component['patches']).map(readPatch),
  };
}

function readPatch(value: unknown): Patch {
  const patch = record(value);
  return {
    name: text(patch['name']),
    uri: text(patch['uri']),
    state: oneOf(patch['state'], ['applies', 'already-applied', 'conflict', 'malformed']) ?? 'unknown',
    detail: text(patch['detail']),
  };
}

function readNode(value: unknown): PlanNode {
  const node = record(value);
  return {
    id: text(node['id']),
    label: text(node['label']),
    kind: oneOf(node['kind'], ['base', 'service', 'source', 'constraints', 'library', 'test']) ?? 'outer',
    release: text(node['release']),
    detail: text(node['detail']),
    state: text(node['state']),
    uri: text(node['uri']),
    platforms: list(node['platforms']).map(text),
    tags: list(node['tags']).map(text),
    problems: list(node['problems']).map(text),
  };
}

function readExcerpt(value: unknown): Excerpt {
  const excerpt = record(value);
  return { text: text(excerpt['text']), line: count(excerpt['line']) };
}

function readRange(value: unknown): Range {
  const range = record(value);
  return { start: readPosition(range['start']), end: readPosition(range['end']) };
}

function readPosition(value: unknown): Position {
  const position = record(value);
  return { line: count(position['line']), character: count(position['character']) };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}

function oneOf<Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === value);
}
