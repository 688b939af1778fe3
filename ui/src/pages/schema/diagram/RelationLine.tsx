/** A relation on the canvas: from many (a crow's foot) to one (a bar), dashed where it may be empty. */
import { BaseEdge, type Edge, type EdgeProps, getSmoothStepPath, useStore as useFlow } from '@xyflow/react';
import { memo } from 'react';
import type { DiagramEdge } from '../../../api/types.generated';
import { useStore } from '../../../lib/store';
import classes from './diagram.module.css';
import { type Point, pathAlong } from './layout';
import { lit } from './lit';
import { FAR_ZOOM } from './shape';

export type LineEdge = Edge<{ relation: DiagramEdge; route: Point[] | null }, 'relation'>;

export const RelationLine = memo(function RelationLine(props: EdgeProps<LineEdge>) {
  const now = useStore(lit);
  // Dashes of long lines take a hundred times as long to paint, and from far away nobody sees them.
  const isFar = useFlow((flow) => flow.transform[2] < FAR_ZOOM);
  const { relation, route } = props.data ?? {};
  if (!relation) return null;
  const isLit = now.table !== null && (now.table === relation.table || now.table === relation.to_table);
  // A box that was moved leaves its laid-out route.
  const path = route ? pathAlong(route) : getSmoothStepPath({ ...props, borderRadius: 6 })[0];
  const look = isLit ? '-lit' : '';
  return (
    <BaseEdge
      id={props.id}
      path={path}
      className={`${classes.line} ${isLit ? classes.lineLit : now.table !== null ? classes.lineDim : ''}`}
      style={relation.optional && !isFar ? { strokeDasharray: '5 3' } : undefined}
      markerStart={`url(#er-${relation.one_to_one ? 'one' : 'many'}${look})`}
      markerEnd={`url(#er-one${look})`}
      interactionWidth={12}
    />
  );
});

/** The ends of lines, once a page. */
export function Markers() {
  return (
    <svg className={classes.markers} aria-hidden>
      <defs>
        {['', '-lit'].map((look) => (
          <g key={look} className={look ? classes.markLit : classes.mark}>
            <marker
              id={`er-many${look}`}
              viewBox="0 0 12 12"
              refX="0"
              refY="6"
              markerWidth="12"
              markerHeight="12"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M 0 1 L 10 6 L 0 11" />
            </marker>
            <marker
              id={`er-one${look}`}
              viewBox="0 0 12 12"
              refX="6"
              refY="6"
              markerWidth="12"
              markerHeight="12"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M 2 1.5 L 2 10.5" />
            </marker>
          </g>
        ))}
      </defs>
    </svg>
  );
}
