import type { IconName } from "./icons";

export type NavigationItem = {
  href: string;
  label: string;
  icon: IconName;
  current: boolean;
  count?: number | string | undefined;
  /** What the count means, for screen readers, such as "3 unread". */
  countLabel?: string | undefined;
};

export type NavigationGroup = { label?: string | undefined; items: readonly NavigationItem[] };
