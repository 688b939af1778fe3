/** Mantine, dressed in our tokens (theme.css). */
import {
  ActionIcon,
  Alert,
  Autocomplete,
  Badge,
  Button,
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  Input,
  InputWrapper,
  Loader,
  type MantineColorsTuple,
  Menu,
  Modal,
  Notification,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Switch,
  Tabs,
  TagsInput,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core';

const iris: MantineColorsTuple = [
  '#ecedfc',
  '#dcdefa',
  '#bcc0f4',
  '#999fef',
  '#7b82ea',
  '#6169e3',
  '#4f57d6',
  '#444cc8',
  '#3a41b0',
  '#2f3590',
];

const CONTROL = { '--input-height': '30px', '--input-fz': '13px', '--input-padding': '10px' };
const input = { defaultProps: { size: 'xs' } };

// Mantine's own dark greys are warm; ours are the tokens' cool ones.
const dark: MantineColorsTuple = [
  '#e9eaee',
  '#c9cbd4',
  '#a9acb8',
  '#9093a1',
  '#383b47',
  '#2a2d36',
  '#1b1c22',
  '#17181d',
  '#131419',
  '#0e0f12',
];

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 6, dark: 5 },
  colors: { iris, dark },
  fontFamily: 'var(--font-ui)',
  fontFamilyMonospace: 'var(--font-mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '22px', xl: '26px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'md',
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '18px', lineHeight: '26px' },
      h2: { fontSize: '15px', lineHeight: '22px' },
      h3: { fontSize: '13px', lineHeight: '20px' },
    },
  },
  components: {
    Button: Button.extend({
      defaultProps: { size: 'xs' },
      vars: (_theme, { size }) => ({
        root: {
          '--button-fz': '13px',
          '--button-height': size === 'sm' ? '34px' : '28px',
          '--button-padding-x': size === 'sm' ? '14px' : '10px',
        },
      }),
      styles: { label: { fontWeight: 500 } },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { size: 28, variant: 'subtle', color: 'gray' } }),
    Input: Input.extend({ defaultProps: { size: 'xs' }, vars: () => ({ wrapper: CONTROL, input: {} }) }),
    InputWrapper: InputWrapper.extend({
      defaultProps: { size: 'sm' },
      styles: {
        label: { fontWeight: 500, marginBottom: 4 },
        description: { fontSize: 12 },
        error: { fontSize: 12 },
      },
    }),
    TextInput: TextInput.extend(input),
    PasswordInput: PasswordInput.extend(input),
    NumberInput: NumberInput.extend(input),
    Textarea: Textarea.extend(input),
    Autocomplete: Autocomplete.extend(input),
    TagsInput: TagsInput.extend({
      defaultProps: { size: 'xs' },
      styles: { pill: { fontFamily: 'var(--font-mono)', fontSize: 12 } },
    }),
    Select: Select.extend({
      defaultProps: {
        size: 'xs',
        allowDeselect: false,
        checkIconPosition: 'right',
        comboboxProps: { shadow: 'md' },
      },
    }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'xs' } }),
    Switch: Switch.extend({ defaultProps: { size: 'xs' } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' } }),
    Tabs: Tabs.extend({ styles: { tab: { padding: '8px 12px', fontSize: 13 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, withArrow: false, fz: 12 } }),
    Menu: Menu.extend({
      defaultProps: { shadow: 'md', offset: 4, withInitialFocusPlaceholder: false },
      styles: { item: { padding: '5px 8px' } },
    }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        overlayProps: { backgroundOpacity: 0.4 },
        transitionProps: { duration: 120 },
      },
      styles: {
        title: { fontSize: 15, fontWeight: 600 },
        header: { padding: '14px 20px 8px' },
        body: { padding: '4px 20px 20px' },
      },
    }),
    Badge: Badge.extend({
      defaultProps: { variant: 'light', radius: 'sm' },
      styles: { root: { textTransform: 'none' } },
    }),
    Loader: Loader.extend({ defaultProps: { size: 16, type: 'oval', role: 'status' } }),
    Alert: Alert.extend({ defaultProps: { variant: 'light' } }),
    Notification: Notification.extend({
      defaultProps: { withBorder: true, closeButtonProps: { 'aria-label': 'Close the message' } },
    }),
  },
});

const both = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-bright': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-dim)',
  '--mantine-color-placeholder': 'var(--text-faint)',
  '--mantine-color-anchor': 'var(--accent-text)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--border-strong)',
  '--mantine-color-error': 'var(--red)',
  '--mantine-color-iris-light': 'var(--accent-soft)',
  '--mantine-color-iris-light-color': 'var(--accent-text)',
  '--mantine-color-iris-outline': 'var(--accent-text)',
  '--mantine-color-gray-light-color': 'var(--text-dim)',
  '--mantine-color-red-filled': 'var(--red-solid)',
  '--mantine-color-red-light': 'var(--red-soft)',
  '--mantine-color-red-light-color': 'var(--red)',
  '--mantine-shadow-md': 'var(--shadow)',
  '--mantine-shadow-lg': 'var(--shadow)',
  '--mantine-shadow-xl': 'var(--shadow)',
};

export const cssVariablesResolver: CSSVariablesResolver = () => ({ variables: {}, light: both, dark: both });
