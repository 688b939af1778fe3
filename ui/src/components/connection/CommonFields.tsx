/** What every connection has, whatever its engine: name, environment, colour, where the password is kept, the folder. */
import {
  Button,
  ColorSwatch,
  Input,
  Select,
  Switch,
  TextInput,
  Tooltip,
  UnstyledButton,
} from '@mantine/core';
import { IconCheck, IconFolder } from '@tabler/icons-react';
import { useState } from 'react';
import { useChannel } from '../../api/queries';
import type { EnvironmentKind, SecretPlace } from '../../api/types.generated';
import { ENVIRONMENTS, SECRET_PLACES } from '../../lib/engines';
import classes from './connection.module.css';
import { FolderPicker } from './FolderPicker';

export interface CommonValues {
  name: string;
  environment: EnvironmentKind;
  read_only: boolean;
  color: string | null;
}

export const COMMON: CommonValues = { name: '', environment: 'development', read_only: false, color: null };

export const COLORS: Array<{ value: string; name: string }> = [
  { value: '#6b7280', name: 'Slate' },
  { value: '#3b82c4', name: 'Blue' },
  { value: '#0d9488', name: 'Teal' },
  { value: '#5b9a3c', name: 'Leaf' },
  { value: '#ca8a04', name: 'Mustard' },
  { value: '#d9662b', name: 'Orange' },
  { value: '#d6456b', name: 'Rose' },
  { value: '#9353c9', name: 'Violet' },
];

interface Props<T extends CommonValues> {
  values: T;
  onChange(values: T): void;
  nameError?: string;
}

export function CommonFields<T extends CommonValues>({ values, onChange, nameError }: Props<T>) {
  const set = (change: Partial<CommonValues>) => onChange({ ...values, ...change });
  return (
    <div className={classes.grid}>
      <TextInput
        className={classes.half}
        label="Name"
        required
        placeholder="shop"
        value={values.name}
        error={nameError}
        onChange={(event) => set({ name: event.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
      />
      <Select
        className={classes.half}
        label="Environment"
        data={ENVIRONMENTS.map(({ value, label }) => ({ value, label }))}
        value={values.environment}
        onChange={(value) => set({ environment: (value ?? 'development') as EnvironmentKind })}
        description={ENVIRONMENTS.find(({ value }) => value === values.environment)?.note}
        inputWrapperOrder={['label', 'input', 'description']}
      />
      <Input.Wrapper label="Colour" className={classes.half} labelElement="div">
        <div className={classes.colors} role="radiogroup" aria-label="Colour">
          <Swatch color={null} name="None" chosen={values.color} onChoose={(color) => set({ color })} />
          {COLORS.map(({ value, name }) => (
            <Swatch
              key={value}
              color={value}
              name={name}
              chosen={values.color}
              onChoose={(color) => set({ color })}
            />
          ))}
        </div>
      </Input.Wrapper>
      <Input.Wrapper label="Read-only" className={classes.half} labelElement="div">
        <Switch
          mt={6}
          label="Refuse every change"
          checked={values.read_only}
          onChange={(event) => set({ read_only: event.currentTarget.checked })}
        />
      </Input.Wrapper>
    </div>
  );
}

interface SwatchProps {
  color: string | null;
  name: string;
  chosen: string | null;
  onChoose(color: string | null): void;
}

function Swatch({ color, name, chosen, onChoose }: SwatchProps) {
  const isChosen = chosen === color;
  return (
    <Tooltip label={name}>
      <UnstyledButton
        role="radio"
        aria-checked={isChosen}
        aria-label={name}
        className={classes.swatch}
        onClick={() => onChoose(color)}
      >
        {color ? (
          <ColorSwatch component="span" color={color} size={20} radius={5} withShadow={false}>
            {isChosen && <IconCheck size={14} color="#fff" stroke={3} />}
          </ColorSwatch>
        ) : (
          <span className={classes.noColor}>{isChosen && <IconCheck size={13} stroke={3} />}</span>
        )}
      </UnstyledButton>
    </Tooltip>
  );
}

interface SecretProps {
  place: SecretPlace;
  onPlace(place: SecretPlace): void;
  variable: string;
  onVariable(name: string): void;
  /** The URL is given as a whole, so a variable would be written in it. */
  withoutVariable?: boolean;
}

/** Where the password is kept. A variable is named by the user and filled at each run. */
export function SecretField({ place, onPlace, variable, onVariable, withoutVariable = false }: SecretProps) {
  const { data: app } = useChannel('app:info', {});
  const noKeychain = app?.keychain === false;
  return (
    <div className={classes.grid}>
      <Select
        className={place === 'variable' ? classes.half : classes.whole}
        label="Keep the password in"
        data={SECRET_PLACES.filter(({ value }) => value !== 'variable' || !withoutVariable).map(
          ({ value, label }) => ({
            value,
            label: value === 'keychain' && noKeychain ? `${label} – none on this system` : label,
            disabled: value === 'keychain' && noKeychain,
          }),
        )}
        value={place}
        onChange={(value) => onPlace((value ?? 'env_file') as SecretPlace)}
        description={SECRET_PLACES.find(({ value }) => value === place)?.note}
        inputWrapperOrder={['label', 'input', 'description']}
      />
      {place === 'variable' && (
        <TextInput
          className={classes.half}
          label="Variable"
          required
          placeholder="SHOP_PASSWORD"
          classNames={{ input: 'mono' }}
          value={variable}
          onChange={(event) => onVariable(event.currentTarget.value)}
          description="From this connection’s variables, its .env, or the environment"
          inputWrapperOrder={['label', 'input', 'description']}
          spellCheck={false}
        />
      )}
    </div>
  );
}

interface FolderProps {
  folder: string | null;
  onFolder(folder: string | null): void;
  /** What is used where none is chosen. */
  own: string;
}

export function FolderField({ folder, onFolder, own }: FolderProps) {
  const [picking, setPicking] = useState(false);
  return (
    <Input.Wrapper label="Migrations folder" labelElement="div">
      <div className={classes.folderField}>
        <span className={`truncate ${folder ? 'mono' : 'dim'}`} title={folder ?? undefined}>
          {folder ?? own}
        </span>
        <Button variant="default" leftSection={<IconFolder size={14} />} onClick={() => setPicking(true)}>
          Choose…
        </Button>
        {folder && (
          <Button variant="subtle" color="gray" onClick={() => onFolder(null)}>
            Undo
          </Button>
        )}
      </div>
      {picking && (
        <FolderPicker
          title="Migrations folder"
          action="Use this folder"
          start={folder}
          onClose={() => setPicking(false)}
          onChoose={(path) => {
            setPicking(false);
            onFolder(path);
          }}
        />
      )}
    </Input.Wrapper>
  );
}
