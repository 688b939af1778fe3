/** An engine as a small tile of two letters, tinted with the connection's own colour where it has one. */
import type { CSSProperties } from 'react';
import type { EngineName } from '../api/types.generated';
import { ENGINE_LABELS } from '../lib/engines';
import classes from './badges.module.css';

const LETTERS: Record<EngineName, string> = {
  postgres: 'Pg',
  mysql: 'My',
  sqlite: 'Sq',
  clickhouse: 'Ch',
  bigquery: 'Bq',
  spanner: 'Sp',
  mongodb: 'Mo',
};

interface Props {
  engine: EngineName;
  color?: string | null;
  size?: number;
}

export function EngineIcon({ engine, color, size = 20 }: Props) {
  const style = {
    width: size,
    height: size,
    fontSize: size * 0.5,
    '--tint': color ?? undefined,
  } as CSSProperties;
  return (
    <span
      role="img"
      aria-label={ENGINE_LABELS[engine]}
      className={`${classes.engine} ${color ? classes.tinted : ''}`}
      style={style}
    >
      {LETTERS[engine]}
    </span>
  );
}
