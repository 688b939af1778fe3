/** The canvas: boxes where the layout put them, lines along its routes. Boxes can be moved; nothing is kept of that. */
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Edge,
  MiniMap,
  type NodeChange,
  ReactFlow,
  type ReactFlowInstance,
  useStore as useFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import classes from './diagram.module.css';
import { Lines } from './Lines';
import { laidOutLines, lineBetween } from './lines';
import { light, unlight } from './lit';
import { type BoxNode, TableBox } from './TableBox';
import type { LaidOut } from './useLayout';
import { ZoomControls } from './ZoomControls';

const NODE_TYPES = { table: TableBox };
/** Lines are painted, and no elements of the page. */
const NO_EDGES: Edge[] = [];
const MINIMAP_FROM = 12;
const DOTS_FROM_ZOOM = 0.5;

export interface CanvasView {
  /** Bring a table to the middle, at a size one can read. */
  centre(id: string): void;
}

interface Props {
  laidOut: LaidOut;
  chosen: string | null;
  onChoose(id: string | null): void;
  onReady(view: CanvasView): void;
}

export function Canvas({ laidOut, chosen, onChoose, onReady }: Props) {
  const { boxes, layout, diagram } = laidOut;
  const flow = useRef<ReactFlowInstance<BoxNode> | null>(null);
  const latest = useRef(onChoose);
  latest.current = onChoose;
  const [moved, setMoved] = useState<ReadonlySet<string>>(new Set());
  const [nodes, setNodes] = useState<BoxNode[]>([]);

  useEffect(() => {
    setMoved(new Set());
    setNodes(
      boxes.map((box) => ({
        id: box.id,
        type: 'table',
        position: layout.places.get(box.id) ?? { x: 0, y: 0 },
        width: box.width,
        height: box.height,
        data: { box, chosen: false },
        ariaLabel: `${box.kind.replaceAll('_', ' ')} ${box.title}`,
      })),
    );
    requestAnimationFrame(() => void flow.current?.fitView({ padding: 0.08, maxZoom: 1 }));
  }, [boxes, layout]);
  useEffect(unlight, []);

  const shown = useMemo(
    () =>
      nodes.map((node) =>
        node.data.chosen === (node.id === chosen)
          ? node
          : { ...node, data: { ...node.data, chosen: node.id === chosen } },
      ),
    [nodes, chosen],
  );
  const lines = useMemo(() => laidOutLines(diagram.edges, layout), [diagram, layout]);
  const linesNow = useMemo(() => {
    if (moved.size === 0) return lines;
    const boxes = new Map(nodes.map((node) => [node.id, { ...node.data.box, ...node.position }]));
    return lines.map((line) => {
      const { relation } = line;
      if (!moved.has(relation.table) && !moved.has(relation.to_table)) return line;
      const from = boxes.get(relation.table);
      const to = boxes.get(relation.to_table);
      return from && to ? lineBetween(relation, from, to) : line;
    });
  }, [lines, moved, nodes]);
  const onNodesChange = useCallback((changes: NodeChange<BoxNode>[]) => {
    setNodes((before) => applyNodeChanges(changes, before));
    const dragged = changes.flatMap((one) => (one.type === 'position' && one.dragging ? [one.id] : []));
    if (dragged.length > 0) setMoved((before) => new Set([...before, ...dragged]));
    // Enter on a box that has the focus selects it.
    const selected = changes.find((one) => one.type === 'select' && one.selected);
    if (selected?.type === 'select') latest.current(selected.id);
  }, []);

  const ready = (instance: ReactFlowInstance<BoxNode>) => {
    flow.current = instance;
    onReady({
      centre: (id) => {
        const node = instance.getNode(id);
        if (!node) return;
        const x = node.position.x + (node.width ?? 0) / 2;
        const y = node.position.y + (node.height ?? 0) / 2;
        void instance.setCenter(x, y, { zoom: Math.max(1, instance.getZoom()), duration: 250 });
      },
    });
    void instance.fitView({ padding: 0.08, maxZoom: 1 });
  };

  return (
    <div className={classes.canvas}>
      <ReactFlow
        nodes={shown}
        edges={NO_EDGES}
        nodeTypes={NODE_TYPES}
        onNodesChange={onNodesChange}
        onInit={ready}
        onNodeClick={(_, node) => onChoose(node.id)}
        onPaneClick={() => onChoose(null)}
        onNodeMouseEnter={(_, node) => light(node.id, diagram.edges)}
        onNodeMouseLeave={unlight}
        onlyRenderVisibleElements
        nodesConnectable={false}
        elementsSelectable
        nodesFocusable
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        minZoom={0.02}
        maxZoom={2}
        proOptions={{ hideAttribution: true }}
        aria-label={`Diagram of ${boxes.length} tables`}
      >
        <Dots />
        <Lines lines={linesNow} />
        <ZoomControls />
        {boxes.length >= MINIMAP_FROM && (
          <MiniMap
            className={classes.minimap}
            nodeColor="var(--border-strong)"
            maskColor="color-mix(in srgb, var(--bg) 70%, transparent)"
            pannable
            zoomable
            ariaLabel="Overview of the diagram"
          />
        )}
      </ReactFlow>
    </div>
  );
}

/** From far away the dots would be a grey surface of a million of them, drawn anew at every step. */
function Dots() {
  const isNear = useFlow((flow) => flow.transform[2] >= DOTS_FROM_ZOOM);
  return isNear ? (
    <Background variant={BackgroundVariant.Dots} gap={20} size={1} color="var(--border-strong)" />
  ) : null;
}
