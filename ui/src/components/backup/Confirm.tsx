/** The typed consent where a sheet is open already: what would be lost, in numbers, and the name to type. */
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ChannelError } from '../../api/invoke';
import { TypeName } from '../run/TypeName';
import classes from './backup.module.css';

/** What `confirmation_required` asks; null where the error is another. */
export interface Asked {
  message: string;
  confirm: string;
  losses: string[];
}

export function askedBy(problem: unknown): Asked | null {
  if (!(problem instanceof ChannelError) || problem.code !== 'confirmation_required') return null;
  const { confirm, losses } = problem.details as { confirm?: string; losses?: string[] };
  return confirm ? { message: problem.message, confirm, losses: losses ?? [] } : null;
}

interface Props {
  asked: Asked;
  action: string;
  isBusy?: boolean;
  onConfirm(typed: string): void;
  onBack(): void;
}

export function Confirm({ asked, action, isBusy = false, onConfirm, onBack }: Props) {
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const matches = typed.trim() === asked.confirm;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (matches && !isBusy) onConfirm(asked.confirm);
  };
  return (
    <form className={classes.confirm} onSubmit={submit}>
      <p className={classes.confirmText}>{asked.message}</p>
      <Losses losses={asked.losses} />
      <TypeName name={asked.confirm} value={typed} onChange={setTyped} inputRef={field} />
      <div className={classes.buttons}>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button type="submit" color="red" disabled={!matches} loading={isBusy}>
          {action}
        </Button>
      </div>
    </form>
  );
}

export function Losses({ losses, title = 'What would be lost' }: { losses: string[]; title?: string }) {
  if (losses.length === 0) return null;
  return (
    <div className={classes.losses}>
      <div className={classes.lossesTitle}>
        <IconAlertTriangle size={15} aria-hidden /> {title}
      </div>
      <ul>
        {losses.map((loss) => (
          <li key={loss}>{loss}</li>
        ))}
      </ul>
    </div>
  );
}
