/** One finding: what it means, the safe form of the statement, and what can be done with one press. */
import { ActionIcon, Button, CopyButton, TextInput } from '@mantine/core';
import { IconBulb, IconCheck, IconCopy, IconShieldCheck, IconWand, IconX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { SeverityBadge, UnknownBadge } from '../../components/SeverityBadge';
import { WhyLink } from '../../components/WhyLink';
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
      {finding?.unknown && (
        <p className="dim">
          How bad it is here is an assumption: the statement was not understood, or the table’s size is not
          known.
        </p>
      )}
      {finding?.advice && (
        <p className={classes.advice}>
          <IconBulb size={15} aria-hidden />
          <span>
            {finding.advice} <WhyLink code={finding.code} title={finding.title} />
          </span>
        </p>
      )}
      {finding && !readOnly && finding.fixes.length > 0 && (
        <div className={classes.fixes}>
          {finding.fixes.map((fix) => (
            <Button
              key={fix.title}
              variant="default"
              leftSection={<IconWand size={14} />}
              onClick={() => fixes.apply(fix)}
            >
              {fix.title}
            </Button>
          ))}
        </div>
      )}
      {finding?.safe_form && (
        <>
          <div className={classes.safeHead}>
            <IconShieldCheck size={15} aria-hidden /> The safe form
            <CopyButton value={finding.safe_form} timeout={1500}>
              {({ copied, copy }) => (
                <Button
                  variant="subtle"
                  color="gray"
                  size="compact-sm"
                  onClick={copy}
                  leftSection={copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
                >
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
            {!readOnly && finding.fixes.length === 0 && fixes.canTakeSafeForm(finding) && (
              <Button
                variant="subtle"
                size="compact-sm"
                leftSection={<IconWand size={13} />}
                onClick={() => fixes.takeSafeForm(finding)}
              >
                Use the safe form
              </Button>
            )}
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
          <pre className={`mono ${classes.safe}`} tabIndex={0}>
            {finding.safe_form}
          </pre>
        </>
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
