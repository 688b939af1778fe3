/** What a finding means, what to do, the safe form of the statement, and what can be done with one press. */
import { Button } from '@mantine/core';
import { IconBulb, IconShieldCheck, IconWand } from '@tabler/icons-react';
import type { Finding, Fix } from '../../api/types.generated';
import { CopyTextButton } from '../CopyTextButton';
import { withCode } from '../Prose';
import { WhyLink } from '../WhyLink';
import classes from './finding.module.css';

/** What can be done about it where the text is at hand; nothing elsewhere. */
export interface Mending {
  fixes: Fix[];
  apply(fix: Fix): void;
  /** Absent where the safe form cannot take the statement's place. */
  takeSafeForm?(): void;
}

interface Props {
  finding: Finding;
  mending?: Mending | null;
  /** Called as the rule's page is gone to. */
  onFollow?(): void;
}

export function FindingBody({ finding, mending, onFollow }: Props) {
  return (
    <div className={classes.body}>
      {finding.unknown && (
        <p className="dim">
          How bad it is here is an assumption: the statement was not understood, or the table’s size is not
          known.
        </p>
      )}
      {finding.advice && (
        <p className={classes.advice}>
          <IconBulb size={15} aria-hidden />
          <span>
            {withCode(finding.advice)}{' '}
            <WhyLink code={finding.code} title={finding.title} onFollow={onFollow} />
          </span>
        </p>
      )}
      {mending && mending.fixes.length > 0 && (
        <div className={classes.fixes}>
          {mending.fixes.map((fix) => (
            <Button
              key={fix.title}
              variant="default"
              leftSection={<IconWand size={14} />}
              onClick={() => mending.apply(fix)}
            >
              {fix.title}
            </Button>
          ))}
        </div>
      )}
      {finding.safe_form && (
        <>
          <div className={classes.safeHead}>
            <IconShieldCheck size={15} aria-hidden /> The safe form
            <CopyTextButton
              text={finding.safe_form}
              iconSize={13}
              variant="subtle"
              color="gray"
              size="compact-sm"
            />
            {mending?.takeSafeForm && mending.fixes.length === 0 && (
              <Button
                variant="subtle"
                size="compact-sm"
                leftSection={<IconWand size={13} />}
                onClick={mending.takeSafeForm}
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
    </div>
  );
}
