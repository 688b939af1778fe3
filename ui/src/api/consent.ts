/** Consent: where the backend answers `confirmation_required`, ask the user to type the name and call again. */
import { createStore } from '../lib/store';
import { type Answer, type Channel, ChannelError, invoke, type Request } from './invoke';

export interface ConsentQuestion {
  channel: string;
  title: string;
  message: string;
  /** The text to type: the connection's name. */
  confirm: string;
  losses: string[];
}

interface Asked extends ConsentQuestion {
  answer(typed: string | null): void;
}

/** The question on the screen; the frame's ConsentDialog shows it. */
export const consentAsked = createStore<Asked | null>(null);

/** The user said no. Nothing was done, so nothing needs to be reported. */
export class ConsentDeclined extends ChannelError {
  constructor(channel: string) {
    super(
      {
        code: 'consent_declined',
        title: 'Not done',
        message: 'You did not confirm, so nothing was changed.',
      },
      channel,
    );
    this.name = 'ConsentDeclined';
  }
}

/** Ask; resolves with the typed text, or null where the user turns away. */
export function askConsent(question: ConsentQuestion): Promise<string | null> {
  consentAsked.get()?.answer(null);
  return new Promise((resolve) => {
    consentAsked.set({
      ...question,
      answer(typed) {
        consentAsked.set(null);
        resolve(typed);
      },
    });
  });
}

type Consenting = { [C in Channel]: Request<C> extends { confirm?: string | null } ? C : never }[Channel];

/** `invoke` that asks where it must. Throws ConsentDeclined where the user turns away. */
export async function withConsent<C extends Channel>(
  channel: C,
  payload: Request<C>,
  call: (channel: C, payload: Request<C>) => Promise<Answer<C>> = invoke,
): Promise<Answer<C>> {
  try {
    return await call(channel, payload);
  } catch (problem) {
    if (!(problem instanceof ChannelError) || problem.code !== 'confirmation_required') throw problem;
    const { confirm, losses } = problem.details as { confirm?: string; losses?: string[] };
    if (!confirm) throw problem;
    const typed = await askConsent({
      channel,
      title: problem.title,
      message: problem.message,
      confirm,
      losses: losses ?? [],
    });
    if (typed === null) throw new ConsentDeclined(channel);
    return call(channel, { ...payload, confirm: typed } as Request<C & Consenting>);
  }
}
