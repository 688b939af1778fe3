import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { DetailObject } from '../../../api/types.generated';
import { renderPage } from '../../../test/render';
import { aConnection } from '../../../test/samples';
import { OtherObjects } from './OtherObjects';

const detail = (objects: DetailObject[]) => ({
  engine: 'postgres',
  default_schema: 'public',
  tables: [],
  objects,
  missing: [],
  problems: [],
});

it('lists what is no table by kind, with its statement and its schema where that is another one', async () => {
  const one = { schema_name: null, detail: null, definition: null, comment: null };
  renderPage(<OtherObjects connection={aConnection()} />, {
    answers: {
      'schema:describe': () =>
        detail([
          { ...one, kind: 'enum', schema_name: 'public', name: 'mood', detail: 'sad, ok' },
          {
            ...one,
            kind: 'publication',
            name: 'news',
            definition: 'CREATE PUBLICATION news FOR TABLE users',
            comment: 'told',
          },
          { ...one, kind: 'enum', schema_name: 'crm', name: 'state' },
        ]),
    },
  });
  const enums = within(await screen.findByRole('region', { name: 'enum' }));
  expect(enums.getByText('mood')).toBeVisible();
  expect(enums.getByText('crm.state')).toBeVisible();
  const publications = within(screen.getByRole('region', { name: 'publication' }));
  expect(publications.getByText('CREATE PUBLICATION news FOR TABLE users')).toBeInTheDocument();
  expect(publications.getByText('told')).toBeVisible();
});

it('says that there is nothing but tables', async () => {
  renderPage(<OtherObjects connection={aConnection()} />, {
    answers: { 'schema:describe': () => detail([]) },
  });
  expect(await screen.findByText('Nothing but tables')).toBeVisible();
});
