import { expect, test } from 'vitest';
import { backend, fail } from '../test/render';
import { ConsentDeclined, consentAsked, withConsent } from './consent';

const DROP = { connection: 'shop' };

function askingBackend() {
  return backend({
    'database:drop': ({ confirm }) => {
      if (confirm === 'shop') return { database_exists: false };
      return fail({
        code: 'confirmation_required',
        details: { confirm: 'shop', losses: ['12 rows of orders'] },
      });
    },
  });
}

test('asks with the losses and calls again with the typed name', async () => {
  const calls = askingBackend();
  const dropped = withConsent('database:drop', DROP);
  await expect.poll(() => consentAsked.get()?.losses).toEqual(['12 rows of orders']);
  consentAsked.get()?.answer('shop');
  await expect(dropped).resolves.toEqual({ database_exists: false });
  expect(calls.map((one) => one.payload)).toEqual([DROP, { ...DROP, confirm: 'shop' }]);
  expect(consentAsked.get()).toBeNull();
});

test('a user who turns away has changed nothing', async () => {
  const calls = askingBackend();
  const dropped = withConsent('database:drop', DROP);
  await expect.poll(() => consentAsked.get()).not.toBeNull();
  consentAsked.get()?.answer(null);
  await expect(dropped).rejects.toBeInstanceOf(ConsentDeclined);
  expect(calls).toHaveLength(1);
});

test('other errors pass through without a question', async () => {
  backend({ 'database:drop': () => fail({ code: 'read_only' }) });
  await expect(withConsent('database:drop', DROP)).rejects.toMatchObject({ code: 'read_only' });
  expect(consentAsked.get()).toBeNull();
});
