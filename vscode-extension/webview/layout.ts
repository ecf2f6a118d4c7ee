// Where the nodes of a plan stand: in columns, each to the right of all it is built from, and in an order that keeps edges
// short and crossings few.
import type { PlanEdge, PlanNode } from '../src/shapes';

export interface Placed {
  node: PlanNode;
  column: number;
  /** In the column, from the top. */
  row: number;
  x: number;
  y: number;
  /** Nodes that it is built from, and nodes that are built from it. */
  before: Placed[];
  after: Placed[];
}

export interface Layout {
  nodes: Placed[];
  columns: Placed[][];
  width: number;
  height: number;
}

export const size = { width: 200, height: 46, gapX: 80, gapY: 14, margin: 24 } as const;

const sweeps = 4;

export function layOut(nodes: readonly PlanNode[], edges: readonly PlanEdge[]): Layout {
  const placed = new Map<string, Placed>();
  for (const node of nodes) placed.set(node.id, { node, column: 0, row: 0, x: 0, y: 0, before: [], after: [] });
  const all = [...placed.values()];
  for (const { from, to } of withoutCycles(nodes, edges)) {
    const [left, right] = [placed.get(from), placed.get(to)];
    if (left === undefined || right === undefined || left.after.includes(right)) continue;
    left.after.push(right);
    right.before.push(left);
  }
  const columns = inColumns(all);
  for (let sweep = 0; sweep < sweeps; ++sweep) order(columns, sweep % 2 === 0);
  return { nodes: all, columns, ...position(columns) };
}

/** All that `start` is built from and all that is built from it, itself included. */
export function related(start: Placed): Set<Placed> {
  const found = new Set([start]);
  const follow = (next: (of: Placed) => Placed[]): void => {
    const open = [start];
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      for (const neighbour of next(one)) {
        if (found.has(neighbour)) continue;
        found.add(neighbour);
        open.push(neighbour);
      }
    }
  };
  follow(({ before }) => before);
  follow(({ after }) => after);
  return found;
}

/** A plan has none; should one come all the same, the edges that close it are left out. */
function withoutCycles(nodes: readonly PlanNode[], edges: readonly PlanEdge[]): PlanEdge[] {
  const outgoing = new Map<string, PlanEdge[]>();
  for (const edge of edges) outgoing.set(edge.from, [...(outgoing.get(edge.from) ?? []), edge]);
  const state = new Map<string, 'open' | 'done'>();
  const kept: PlanEdge[] = [];
  for (const { id } of nodes) {
    if (state.has(id)) continue;
    // Without recursion: a plan may be a long chain.
    const path = [{ id, edges: [...(outgoing.get(id) ?? [])] }];
    state.set(id, 'open');
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = top.edges.pop();
      if (edge === undefined) {
        state.set(top.id, 'done');
        path.pop();
        continue;
      }
      if (state.get(edge.to) === 'open') continue;
      kept.push(edge);
      if (state.has(edge.to)) continue;
      state.set(edge.to, 'open');
      path.push({ id: edge.to, edges: [...(outgoing.get(edge.to) ?? [])] });
    }
  }
  return kept;
}

/** The longest way to a node decides; what nothing is built from yet stands right before its first use. */
function inColumns(all: readonly Placed[]): Placed[][] {
  const waiting = new Map(all.map((one) => [one, one.before.length]));
  const open = all.filter(({ before }) => before.length === 0);
  const inOrder: Placed[] = [];
  for (let one = open.shift(); one !== undefined; one = open.shift()) {
    inOrder.push(one);
    for (const next of one.after) {
      next.column = Math.max(next.column, one.column + 1);
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      if (left === 0) open.push(next);
    }
  }
  for (const one of inOrder) {
    if (one.before.length > 0 || one.after.length === 0) continue;
    one.column = Math.min(...one.after.map(({ column }) => column)) - 1;
  }
  const columns: Placed[][] = [];
  for (const one of all) (columns[one.column] ??= []).push(one);
  return Array.from(columns, (column) => column ?? []);
}

/** Each node to the middle of its neighbours in the columns that are placed already. */
function order(columns: readonly Placed[][], leftToRight: boolean): void {
  for (const column of leftToRight ? columns : [...columns].reverse()) {
    const middle = new Map(column.map((one, index) => [one, centre(leftToRight ? one.before : one.after, index)]));
    column.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0));
    column.forEach((one, row) => {
      one.row = row;
    });
  }
}

function centre(neighbours: readonly Placed[], otherwise: number): number {
  if (neighbours.length === 0) return otherwise;
  return neighbours.reduce((sum, { row }) => sum + row, 0) / neighbours.length;
}

function position(columns: readonly Placed[][]): { width: number; height: number } {
  const { width, height, gapX, gapY, margin } = size;
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const full = tallest * (height + gapY) - gapY;
  columns.forEach((column, index) => {
    const own = column.length * (height + gapY) - gapY;
    column.forEach((one, row) => {
      one.x = margin + index * (width + gapX);
      one.y = margin + (full - own) / 2 + row * (height + gapY);
    });
  });
  return { width: 2 * margin + Math.max(1, columns.length) * (width + gapX) - gapX, height: 2 * margin + full };
}
