/** A table on the canvas: its name, and its columns with their keys. */
import { IconCube, IconEye, IconKey, IconLink, IconTable } from '@tabler/icons-react';
import { type Node, type NodeProps, useStore as useFlow } from '@xyflow/react';
import { memo, type ReactNode } from 'react';
import classes from './diagram.module.css';
import { useMood } from './lit';
import { type Box, cut, FAR_ZOOM } from './shape';

const NAME_MOST_PX = 40;
/** The width of a letter in Inter, bold, by its size. */
const LETTER = 0.62;

export type BoxNode = Node<{ box: Box; chosen: boolean }, 'table'>;

export const TableBox = memo(function TableBox({ data: { box, chosen } }: NodeProps<BoxNode>) {
  const mood = useMood(box.id);
  const isFar = useFlow((flow) => flow.transform[2] < FAR_ZOOM);
  const Icon = box.kind.includes('view') ? IconEye : box.kind === 'collection' ? IconCube : IconTable;
  return (
    <div
      className={`${classes.box} ${mood ? classes[mood] : ''} ${chosen ? classes.chosen : ''}`}
      title={box.title}
    >
      {isFar ? <FarName box={box} /> : <Near box={box} icon={<Icon size={14} stroke={1.8} aria-hidden />} />}
    </div>
  );
});

function FarName({ box }: { box: Box }) {
  const name = cut(box.title, 24);
  const fontSize = Math.min(NAME_MOST_PX, box.height * 0.7, (box.width - 16) / (name.length * LETTER));
  return (
    <div className={classes.farName} style={{ fontSize }}>
      {name}
    </div>
  );
}

function Near({ box, icon }: { box: Box; icon: ReactNode }) {
  return (
    <>
      <div className={classes.boxHead}>
        {icon}
        <span className="truncate">{cut(box.title, 36)}</span>
        {box.hidden > 0 && (
          <span
            className={classes.hiddenCount}
            title={`${box.hidden} relations to tables that are not shown`}
          >
            +{box.hidden}
          </span>
        )}
      </div>
      {box.rows.map((column) => (
        <div key={column.name} className={classes.boxRow}>
          <span className={classes.boxMark} aria-hidden>
            {column.primary_key ? <IconKey size={11} /> : column.foreign_key ? <IconLink size={11} /> : null}
          </span>
          <span className={column.primary_key ? classes.boxKey : undefined}>{cut(column.name)}</span>
          <span className={classes.boxType}>{cut(column.type, 20)}</span>
        </div>
      ))}
      {box.more > 0 && <div className={classes.boxMore}>{box.more} more</div>}
    </>
  );
}
