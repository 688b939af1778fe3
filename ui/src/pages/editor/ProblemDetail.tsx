/** One finding: what it means, the safe form of the statement, and what can be done with one press. */
import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { FindingBody } from '../../components/finding/FindingBody';
import { SeverityBadge, UnknownBadge } from '../../components/SeverityBadge';
import type { Diagnostic } from '../../editor/diagnostics';
import classes from './problems.module.css';
import type { Fixes } from './useFixes';

interface Props {
  diagnostic: Diagnostic;
  fixes: Fixes;
  readOnly: boolean;
  onClose(): void;
}

export function ProblemDetail({ diagnostic, fixes, readOnly, onClose }: Props) {
  const { finding } = diagnostic;
  return (
    <section className={classes.detail} aria-label="The chosen finding">
      <div className={classes.detailHead}>
        <SeverityBadge level={diagnostic.level} />
        {finding?.unknown && <UnknownBadge />}
        <span className={`mono faint ${classes.code}`}>{diagnostic.code}</span>
        <ActionIcon size={22} aria-label="Close" onClick={onClose}>
          <IconX size={13} />
        </ActionIcon>
      </div>
      {finding && <h3 className={classes.title}>{finding.title}</h3>}
      <p>{diagnostic.message}</p>
      {finding && (
        <FindingBody
          finding={finding}
          mending={
            readOnly
              ? null
              : {
                  fixes: finding.fixes,
                  apply: fixes.apply,
                  ...(fixes.canTakeSafeForm(finding)
                    ? { takeSafeForm: () => fixes.takeSafeForm(finding) }
                    : {}),
                }
          }
        />
      )}
      {finding && !readOnly && <Suppress onSuppress={(reason) => fixes.suppress(finding, reason)} />}
    </section>
  );
}

/** Switching it off for this statement asks why: the comment stays in the file for the next reader. */
function Suppress({ onSuppress }: { onSuppress(reason: string): void }) {
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return;
    onSuppress(reason.trim());
    setOpen(false);
  };
  if (!isOpen)
    return (
      <Button
        className={classes.suppress}
        variant="subtle"
        color="gray"
        size="compact-sm"
        onClick={() => setOpen(true)}
      >
        Switch it off here…
      </Button>
    );
  return (
    <form className={classes.reason} onSubmit={submit}>
      <TextInput
        aria-label="Why it is fine here"
        placeholder="Why it is fine here"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          setOpen(false);
        }}
        autoFocus
      />
      <Button type="submit" disabled={!reason.trim()}>
        Switch off
      </Button>
      <Button variant="subtle" color="gray" onClick={() => setOpen(false)}>
        Cancel
      </Button>
    </form>
  );
}
