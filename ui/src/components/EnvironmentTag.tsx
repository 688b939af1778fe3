/** Development, test, staging or production. Production is the one that shouts. */
import { IconCode, IconFlask, IconShieldFilled, IconStack2 } from '@tabler/icons-react';
import type { EnvironmentKind } from '../api/types.generated';
import classes from './badges.module.css';

const LOOKS: Record<EnvironmentKind, { word: string; short: string; tone: string; icon: typeof IconCode }> = {
  development: { word: 'Development', short: 'dev', tone: 'gray', icon: IconCode },
  test: { word: 'Test', short: 'test', tone: 'gray', icon: IconFlask },
  staging: { word: 'Staging', short: 'stage', tone: 'amber', icon: IconStack2 },
  production: { word: 'Production', short: 'prod', tone: 'solid', icon: IconShieldFilled },
};

interface Props {
  environment: EnvironmentKind;
  /** `short` says "prod" without an icon, for narrow lists. */
  short?: boolean;
}

export function EnvironmentTag({ environment, short = false }: Props) {
  const { word, short: abbreviation, tone, icon: Icon } = LOOKS[environment];
  const ground = classes[tone as keyof typeof classes];
  if (short) {
    return (
      <span
        className={`${classes.badge} ${ground}`}
        style={{ height: 16, padding: '0 5px', fontSize: 11 }}
        title={word}
      >
        {abbreviation}
      </span>
    );
  }
  return (
    <span className={`${classes.badge} ${ground}`}>
      <Icon size={13} stroke={2} aria-hidden />
      {word}
    </span>
  );
}
