/** The ways out, the recommended one first: each with the statements it would run, and why one is not available. */
import { Radio } from '@mantine/core';
import { IconStarFilled } from '@tabler/icons-react';
import { useState } from 'react';
import type { Connection, Failure, Repaired, Way } from '../../api/types.generated';
import { Losses } from '../backup/Confirm';
import badges from '../badges.module.css';
import { CopyTextButton } from '../CopyTextButton';
import classes from './failure.module.css';
import { TakeWay } from './TakeWay';

interface Props {
  connection: Connection;
  failure: Failure;
  onDone(repaired: Repaired): void;
  onClose(): void;
}

export function Ways({ connection, failure, onDone, onClose }: Props) {
  const ways = sorted(failure.ways);
  const [code, setCode] = useState<string | null>(ways.find((one) => one.available)?.code ?? null);
  const chosen = ways.find((one) => one.code === code) ?? null;
  if (ways.length === 0) return null;
  return (
    <section aria-label="What now" className={classes.ways}>
      <h3 className={classes.heading}>What now</h3>
      <Radio.Group value={code} onChange={setCode} aria-label="Ways out">
        <div className={classes.cards}>
          {ways.map((way) => (
            <Card key={way.code} way={way} isChosen={way.code === code} />
          ))}
        </div>
      </Radio.Group>
      <TakeWay
        key={code}
        connection={connection}
        failure={failure}
        way={chosen}
        onDone={onDone}
        onClose={onClose}
      />
    </section>
  );
}

const sorted = (ways: Way[]) => ways.toSorted((a, b) => rank(a) - rank(b));
const rank = ({ available, recommended }: Way) => (recommended ? 0 : available ? 1 : 2);

function Card({ way, isChosen }: { way: Way; isChosen: boolean }) {
  return (
    <div className={classes.card} data-chosen={isChosen || undefined} data-off={!way.available || undefined}>
      <Radio.Card
        value={way.code}
        disabled={!way.available}
        className={classes.cardHead}
        aria-label={way.title}
      >
        <Radio.Indicator disabled={!way.available} />
        <span className={classes.cardWords}>
          <span className={classes.cardTitle}>
            <strong>{way.title}</strong>
            {way.recommended && (
              <span className={`${badges.badge} ${badges.blue}`}>
                <IconStarFilled size={11} aria-hidden /> Recommended
              </span>
            )}
          </span>
          <span className="dim">{way.available ? way.says : `Not available: ${way.reason}`}</span>
        </span>
      </Radio.Card>
      {isChosen && way.statements.length > 0 && (
        <div className={classes.would}>
          <div className={classes.wouldHead}>
            <span className="dim">Would run, in this order</span>
            <CopyTextButton
              text={way.statements.join('\n\n')}
              variant="subtle"
              color="gray"
              size="compact-xs"
            />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
          <pre tabIndex={0}>{way.statements.join('\n')}</pre>
        </div>
      )}
      {isChosen && way.losses.length > 0 && (
        <div className={classes.cardLosses}>
          <Losses losses={way.losses} />
        </div>
      )}
    </div>
  );
}
