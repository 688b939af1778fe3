/** "Why?": from a finding to the page of its rule. */
import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { paths } from '../lib/paths';

interface Props {
  code: string;
  /** The rule's title, for those who hear the link without what stands around it. */
  title?: string;
  /** Called as it is followed: a sheet gets out of the way. */
  onFollow?(): void;
}

export function WhyLink({ code, title, onFollow }: Props) {
  return (
    <Anchor component={Link} to={paths.rule(code)} size="xs" onClick={onFollow}>
      Why?<span className="visually-hidden"> {title ?? code}</span>
    </Anchor>
  );
}
