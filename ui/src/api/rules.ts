/** The risk rules: what each warns of, and its page. They change only with the app. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { Answer, ChannelError } from './invoke';
import { useChannel } from './queries';
import type { RuleInfo } from './types.generated';

export type Rule = RuleInfo;

/** Every rule, by code. */
export function useRuleList(enabled = true): UseQueryResult<Rule[], ChannelError> {
  return useChannel(
    'rule:list',
    {},
    { enabled, staleTime: Number.POSITIVE_INFINITY, select: (answer) => answer.rules },
  );
}

/** One rule with its page, in Markdown. */
export const useRule = (code: string): UseQueryResult<Answer<'rule:read'>, ChannelError> =>
  useChannel('rule:read', { code }, { staleTime: Number.POSITIVE_INFINITY });
