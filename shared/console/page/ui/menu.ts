import type { IconName } from "./icons";

export type Item = {
  label: string;
  onselect?: (() => void) | undefined;
  href?: string | undefined;
  icon?: IconName | undefined;
  keys?: string | undefined;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  /** Makes it one of several choices. */
  checked?: boolean | undefined;
  /** Draws a line above it. */
  separated?: boolean | undefined;
};
