/** Every error the catalogue knows, to be searched. */
import { Anchor, Loader, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { type ErrorEntry, useErrorCatalogue } from '../../api/errors';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Page } from '../../components/Page';
import { paths } from '../../lib/paths';
import classes from './errors.module.css';
import { groupLabel } from './words';

export default function ErrorsPage() {
  const { data, error, refetch } = useErrorCatalogue();
  const [query, setQuery] = useState('');
  const found = (data?.entries ?? []).filter((one) => fits(one, query.trim().toLowerCase()));
  const groups = [...new Set(found.map((one) => one.group))];
  return (
    <Page title="Errors" width="read">
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Loader aria-label="Reading the catalogue" />}
      {data && (
        <TextInput
          className={classes.search}
          aria-label="Search the errors"
          placeholder="Search the errors"
          leftSection={<IconSearch size={14} />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      )}
      {data && found.length === 0 && (
        <EmptyState title="No error fits">Try a word of the message, or the code.</EmptyState>
      )}
      {groups.map((group) => (
        <section key={group} aria-label={groupLabel(group)}>
          <h2 className={classes.group}>{groupLabel(group)}</h2>
          <ul className={classes.list}>
            {found
              .filter((one) => one.group === group)
              .map((one) => (
                <li key={one.key}>
                  <Anchor component={Link} to={paths.error(one.key)} underline="always">
                    {one.title}
                  </Anchor>{' '}
                  <code className="dim">{one.key}</code>
                  <p>{one.means}</p>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </Page>
  );
}

const fits = (one: ErrorEntry, query: string) =>
  `${one.key} ${one.title} ${one.means} ${one.causes.join(' ')}`.toLowerCase().includes(query);
